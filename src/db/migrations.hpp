// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.hpp"
#include "db/link.hpp"

namespace mcp::db {

// One file of migrations/, embedded in the binary at build time. `checksum` is lower-case hex SHA-256 of the text.
struct Migration {
  int version;
  std::string_view name;  // "accounts"
  std::string_view sql;
  std::string_view checksum;
};

std::span<const Migration> embedded_migrations();  // ascending by version

struct MigrationStatus {
  int version = 0;
  std::string name;
  bool applied = false;
  bool checksum_matches = true;
};

enum class SchemaState : std::uint8_t {
  current,
  pending,  // some embedded migration is not applied
  newer,    // the database knows a version this binary does not: exit 78
  foreign,  // tables but no schema_migrations: exit 78
  changed,  // an applied migration's checksum differs: exit 65
};

// A database that migrate() must not touch: newer, foreign or changed.
class SchemaMismatch : public std::runtime_error {
 public:
  SchemaMismatch(SchemaState state, int version);
  SchemaState state() const { return state_; }
  int version() const { return version_; }  // the first one that does not fit; 0 for foreign

 private:
  SchemaState state_;
  int version_;
};

struct SchemaReport {
  SchemaState state = SchemaState::pending;
  std::vector<MigrationStatus> migrations;  // ascending by version; those the binary does not know included
};

// Looks, changes nothing. The serving role may call it (SELECT on schema_migrations).
//   known    what the binary embeds; must outlive the call, as the link
Task<SchemaReport> inspect_schema(Link& link, std::span<const Migration> known = embedded_migrations());

// Applies what is pending up to `to` (0 = all) as the owner, one transaction each, under one advisory lock that
// concurrent callers wait for. Repeatable after an abort at any point. Returns the versions applied.
//   owner          connected without a statement_timeout among its settings: filling a large table takes long
//   serving_role   granted what contract-data 2.1 lists; may equal the owner. A migration names it `:serving_role`,
//   which
//                  becomes the role as a quoted identifier wherever it stands, in strings and function bodies, too
//   throws         Fault, whose statement is "0003_audit:<line>" when a migration failed; SchemaMismatch
Task<std::vector<int>> migrate(Link& owner, std::string serving_role, std::string server_version, int to,
                               std::span<const Migration> known = embedded_migrations());

}  // namespace mcp::db
