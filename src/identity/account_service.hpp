// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/actor.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/password.hpp"
#include "db/database.hpp"
#include "identity/account.hpp"
#include "identity/account_store.hpp"
#include "identity/author.hpp"
#include "identity/lockout.hpp"
#include "identity/password_policy.hpp"
#include "identity/passwords.hpp"
#include "identity/reset_store.hpp"
#include "ledger/ledger.hpp"
#include "realtime/hub.hpp"

namespace mcp::identity {

struct AccountSettings {
  PasswordPolicy password;
  LockoutRule lockout;
};

struct NewAccount {
  std::string username;
  std::optional<std::string> email;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::string role;  // name; empty: the default role
  Secret password;
  bool force_password_change = true;
};

// Accounts and their passwords.
class AccountService {
 public:
  AccountService(db::Database& database, ledger::Ledger& ledger, crypto::PasswordHasher& hasher, realtime::Hub& hub,
                 AccountSettings settings);

  // Ends every other session of the actor and their sockets; clears the force flag.
  //   fails   validation_failed (newPassword: policy), invalid_credentials (counted like a failed login), token_invalid
  //           (the session ended meanwhile), unavailable
  Task<Result<>> change_password(Actor actor, Secret current_password, Secret new_password);
  // Redeems a reset, invitation or set-up token, once; ends all sessions and locks of the account. A refused new
  // password leaves the token as it is.
  //   fails   reset_token_invalid (unknown, used, expired, account not active: one answer), validation_failed,
  //   unavailable
  Task<Result<>> reset_password(Origin origin, Secret token, Secret new_password);

  // Command line: an active account.
  //   fails   validation_failed, already_exists, unavailable
  Task<Result<Account>> create_user(Author author, NewAccount account);

 private:
  AccountStore accounts_;
  ResetStore resets_;
  ledger::Ledger& ledger_;
  Passwords passwords_;
  realtime::Hub& hub_;
  AccountSettings settings_;
};

}  // namespace mcp::identity
