// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/actor.hpp"
#include "identity/account_store.hpp"
#include "identity/lockout.hpp"
#include "ledger/unit.hpp"

namespace mcp::identity {

// Asks for what FailureCount needs: the account and the caller's network.
void ask_failure_count(ledger::Acquisition& acquisition, UserId user, const Origin& origin);

// The counter of failed passwords that is in force for one caller: a network from which the account logged in within 30
// days has its own, everybody else shares the account's (contract-rest 1.4). Lives during one build().
class FailureCount {
 public:
  FailureCount(ledger::Work& work, const LockedAccount& account, const Origin& origin);

  bool is_locked() const { return counter_.is_locked(work_.now()); }
  // Counts one more; the entry account_locked with it when that locks.
  void add(const LockoutRule& rule);
  void clear();

 private:
  void write();

  ledger::Work& work_;
  UserId user_;
  const Origin& origin_;
  bool is_of_network_ = false;
  FailureCounter counter_;
};

}  // namespace mcp::identity
