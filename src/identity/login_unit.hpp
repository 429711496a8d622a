// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/actor.hpp"
#include "crypto/password.hpp"
#include "identity/account.hpp"
#include "identity/lockout.hpp"
#include "identity/session_store.hpp"
#include "ledger/unit.hpp"

namespace mcp::identity {

// A login up to the point where only the database can decide: the password has been hashed and compared.
struct LoginAttempt {
  Origin origin;
  UserId user;  // zero: there is no such account
  bool password_fits = false;
  crypto::StoredPassword compared;           // what it was compared with
  std::optional<std::string> upgraded_hash;  // replaces a hash of another kind or cost
  bool is_in_admin_network = true;           // ADMIN_NETWORK_RANGE
  NewSession session;                        // begins when the login succeeds
};

// Decides a login under the account's lock and writes what follows: the session, or the failure and its count.
class LoginUnit : public ledger::Unit {
 public:
  LoginUnit(LoginAttempt attempt, LockoutRule rule) : attempt_(std::move(attempt)), rule_(rule) {}

  void acquire(ledger::Acquisition& acquisition) const override;
  void build(ledger::Work& work) override;
  std::vector<std::string> exclusive_keys() const override;

  // Set when the login succeeded.
  const std::optional<Account>& account() const { return account_; }

 private:
  // Why not, as a word of the audit trail; empty: nothing stands against it.
  std::string_view refusal(ledger::Work& work) const;
  void succeed(ledger::Work& work);

  LoginAttempt attempt_;
  LockoutRule rule_;
  std::optional<Account> account_;
};

}  // namespace mcp::identity
