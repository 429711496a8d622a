// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/id.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "db/link.hpp"
#include "ledger/unit.hpp"

namespace mcp::operations::store {

// The internal settings rows (contract-data 2); empty where missing.
struct Identity {
  std::string epoch;
  std::string installation_id;
  std::string content_check;
  std::string metadata_check;
};

// A row of encryption_keys. `is_whole` is false for one whose columns cannot be a wrapped key.
struct StoredKey {
  crypto::WrappedKey key;
  bool is_whole = true;
};

// The active super_admin that has logged in, else the oldest that has not.
struct ActiveAdministrator {
  UserId user;
  bool has_logged_in = false;
};

// What is asked, over one link of the serving role.
class Reader {
 public:
  explicit Reader(db::Link& link) : link_(link) {}

  // Has the database an identity, and with it keys? Also of one without a schema; as any role that may read settings.
  Task<bool> is_established();
  Task<Identity> identity();
  Task<std::vector<StoredKey>> keys();  // those not retired
  Task<std::vector<std::int32_t>> unrecorded_migrations();
  Task<std::optional<ActiveAdministrator>> administrator();
  Task<bool> is_name_taken(std::string username, std::optional<std::string> email);

 private:
  Task<db::Rows> ask(const db::Statement* statement, db::Params params);

  db::Link& link_;
};

// Units that write what they are given, with their entries, in one transaction. A row that exists meanwhile fails them.
std::shared_ptr<ledger::Unit> write_identity(Identity identity);
std::shared_ptr<ledger::Unit> write_keys(std::vector<crypto::WrappedKey> keys, std::vector<ledger::Entry> entries);
std::shared_ptr<ledger::Unit> write_entries(std::vector<ledger::Entry> entries);

struct NewAdministrator {
  UserId id;
  std::string username;
  std::optional<std::string> email;
};
// The account where one is given, and a set-up token for `user`; tokens it had are void.
struct SetupToken {
  UserId user;
  std::string hash;  // SHA-256, hex
};
std::shared_ptr<ledger::Unit> write_setup_token(std::optional<NewAdministrator> account, SetupToken token,
                                                std::vector<ledger::Entry> entries);

}  // namespace mcp::operations::store
