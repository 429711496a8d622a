// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/actor.hpp"
#include "core/result.hpp"
#include "crypto/password.hpp"
#include "identity/lockout.hpp"
#include "identity/session_ending.hpp"
#include "ledger/unit.hpp"

namespace mcp::identity {

struct ChangeAttempt {
  Actor actor;
  crypto::StoredPassword compared;      // what the current password was compared with
  std::optional<std::string> new_hash;  // none: the current password did not fit
};

// Decides a change of one's own password under the account's lock. A wrong current password counts like a failed login:
// a stolen token must not be a way to try passwords.
class ChangePasswordUnit : public ledger::Unit {
 public:
  ChangePasswordUnit(ChangeAttempt attempt, LockoutRule rule, realtime::Hub& hub)
      : attempt_(std::move(attempt)), rule_(rule), ending_(hub, "password_changed") {}

  void acquire(ledger::Acquisition& acquisition) const override;
  void build(ledger::Work& work) override { answer_ = decide(work); }
  void committed() override { ending_.close_sockets(); }
  std::vector<std::string> exclusive_keys() const override;

  const Result<>& answer() const { return answer_; }

 private:
  Result<> decide(ledger::Work& work);
  Result<> refuse(ledger::Work& work, std::string_view reason) const;
  void change(ledger::Work& work, const std::vector<SessionId>& live);

  ChangeAttempt attempt_;
  LockoutRule rule_;
  SessionEnding ending_;
  Result<> answer_;
};

}  // namespace mcp::identity
