// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.hpp"
#include "db/database.hpp"
#include "identity/account.hpp"
#include "ledger/unit.hpp"

namespace mcp::identity {

// A session as its token's check sees it.
struct StoredSession {
  Identity identity;
  std::string token_hash;
  bool is_valid = false;
};

struct NewSession {
  SessionId id;
  UserId user;
  std::string token_hash;  // SHA-256 of the token, hex; the token itself is stored nowhere
  Timestamp expires_at;
  Timestamp max_expires_at;  // no refresh goes beyond
  std::string ip_address;
  std::string user_agent;
};
void write_session(ledger::Work& work, const NewSession& session);

// Locks the live sessions of a user, for a unit that ends some. What an earlier unit of the batch ended does not count.
void ask_live_sessions(ledger::Acquisition& acquisition, UserId user);
std::vector<SessionId> read_live_sessions(const ledger::Work& work);
// Ends a session and marks the batch, so that an act of it further behind is refused.
//   reason   a word of contract-realtime 5, session_terminated
void write_session_end(ledger::Work& work, SessionId session, std::string_view reason);

// The time of the last use, written only where the stored one is older than `apart`.
void write_session_use(ledger::Work& work, SessionId session, std::chrono::seconds apart);

class SessionStore {
 public:
  explicit SessionStore(db::Database& database) : database_(database) {}

  // One statement: session, account, role and permissions as they are now.
  Task<std::optional<StoredSession>> find(SessionId session, UserId user) const;

 private:
  db::Database& database_;
};

}  // namespace mcp::identity
