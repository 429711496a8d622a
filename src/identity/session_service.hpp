// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/actor.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/password.hpp"
#include "crypto/token.hpp"
#include "db/database.hpp"
#include "identity/account.hpp"
#include "ledger/ledger.hpp"
#include "realtime/hub.hpp"

namespace mcp::identity {

struct SessionSettings {
  std::chrono::seconds token_life{86400};
  std::chrono::seconds session_life_max{7 * 86400};
  std::chrono::seconds idle_max{0};  // 0 = off
  int lockout_threshold = 5;
  std::chrono::minutes lockout_time{30};
  bool admin_two_factor_required = false;
};

struct LoggedIn {
  Secret token;
  Timestamp expires_at;
  Account account;
};

// Login, logout, and the check of every token. Argon2id runs on the hasher's own threads.
class SessionService {
 public:
  SessionService(db::Database& database, ledger::Ledger& ledger, crypto::PasswordHasher& hasher,
                 const crypto::TokenSigner& signer, realtime::Hub& hub, SessionSettings settings, Clock clock);

  // The same answer and the same cost for an unknown name, a wrong password, a locked, pending or disabled account.
  // Counts failures and locks (contract-rest 1.4), upgrades old hashes, writes login_success or authentication_failure.
  Task<Result<LoggedIn>> login(Origin origin, std::string username, Secret password);
  // Ends the session and its sockets; audit logout.
  Task<Result<>> logout(Actor actor);

  // Signature, expiry, session row (hash, validity, expiry, idle time) and account, read from the database each time.
  //   fails   token_invalid, one text for all reasons. Writes nothing; the caller records the refusal.
  Task<Result<Identity>> identify(std::string token);
  // What contract-rest 1.3 forbids until the password is changed or the second factor enrolled.
  Result<> check_restrictions(const Account& account) const;

  static Actor actor_of(const Identity& identity, Origin origin, Via via);

 private:
  db::Database& database_;
  ledger::Ledger& ledger_;
  crypto::PasswordHasher& hasher_;
  const crypto::TokenSigner& signer_;
  realtime::Hub& hub_;
  SessionSettings settings_;
  Clock clock_;
};

}  // namespace mcp::identity
