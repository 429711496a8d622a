// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/actor.hpp"
#include "core/clock.hpp"
#include "core/id.hpp"

namespace mcp::ledger {

enum class Severity : std::uint8_t { info, notice, warning, critical };
enum class Outcome : std::uint8_t { success, failure, denied };

std::string_view name(Severity severity);
std::string_view name(Outcome outcome);

// One audit entry before it is chained. Made by audit/events, which knows the closed list of actions.
struct Entry {
  std::string_view action;  // a literal of the closed list, contract-rest 9.3
  Severity severity = Severity::info;
  Outcome outcome = Outcome::success;
  std::optional<UserId> user;
  std::optional<SessionId> session;
  Origin origin;
  std::string details =
      "{}";  // canonical JSON (RFC 8785): ids and counts only, at most limits::audit_details_bytes_max
};

// One audit entry as it is stored and hashed (contract-data 5.1).
struct ChainedEntry {
  Uuid id;
  ChainId chain;
  std::int64_t seq = 0;
  Timestamp time;
  std::string hostname;
  std::int64_t process_id = 0;
  std::string previous_hash;  // 64 hex; 64 zeros for seq 1
  std::string current_hash;
  Entry entry;
};

// The bytes that are hashed: RFC 8785 JSON of the members listed in contract-data 5.1.
std::string canonical_bytes(const ChainedEntry& entry);
// Lower-case hex of SHA-256("mcp-audit-v1\n" | canonical_bytes).
std::string entry_hash(const ChainedEntry& entry);

}  // namespace mcp::ledger
