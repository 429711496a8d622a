// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/actor.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/password.hpp"
#include "crypto/token.hpp"
#include "db/database.hpp"
#include "identity/account.hpp"
#include "identity/account_store.hpp"
#include "identity/passwords.hpp"
#include "identity/session_store.hpp"
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
  // ADMIN_NETWORK_RANGE: does it hold this address? Unset: every address. Called on any thread.
  std::function<bool(std::string_view ip_address)> is_admin_network = {};
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
  //   fails   invalid_credentials; unavailable when too many passwords wait to be hashed
  Task<Result<LoggedIn>> login(Origin origin, std::string username, Secret password);
  // Ends the session and its sockets; audit logout. Nothing happens when it has ended already.
  Task<Result<>> logout(Actor actor);

  // Signature, expiry, session row (hash, validity, expiry, idle time) and account, read from the database each time.
  // Writes no refusal: the caller does. Beside that, a session found idle is ended (session_expired), and the time of
  // the last use is written without waiting.
  //   fails   token_invalid, one text for all reasons
  Task<Result<Identity>> identify(std::string token);
  // The same for who has been identified already: account and session as they are now.
  Task<Result<Identity>> identity_of(Actor actor);
  // What contract-rest 1.3 forbids until the password is changed or the second factor enrolled.
  Result<> check_restrictions(const Actor& actor) const;
  Result<> check_restrictions(const Account& account) const;
  // ADMIN_NETWORK_RANGE binds every request of a holder of an admin.* permission; an open one is told apart by nobody.
  //   fails   network_not_allowed; on a socket token_invalid takes its place
  Result<> check_network(const Actor& actor) const;

  static Actor actor_of(const Identity& identity, Origin origin, Via via);

 private:
  bool is_admin_network(std::string_view ip_address) const;
  bool is_idle(const Session& session) const;
  void note_use(const Identity& identity);

  AccountStore accounts_;
  SessionStore sessions_;
  ledger::Ledger& ledger_;
  Passwords passwords_;
  const crypto::TokenSigner& signer_;
  realtime::Hub& hub_;
  SessionSettings settings_;
  Clock clock_;
};

}  // namespace mcp::identity
