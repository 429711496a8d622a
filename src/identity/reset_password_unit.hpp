// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/actor.hpp"
#include "identity/session_ending.hpp"
#include "ledger/unit.hpp"

namespace mcp::identity {

struct ResetAttempt {
  Origin origin;
  UserId user;  // whom the token stands for
  std::string token_hash;
  std::string new_hash;
};

// Redeems a reset, invitation or set-up token exactly once, under the account's and the token's lock.
class ResetPasswordUnit : public ledger::Unit {
 public:
  ResetPasswordUnit(ResetAttempt attempt, realtime::Hub& hub)
      : attempt_(std::move(attempt)), ending_(hub, "password_changed") {}

  void acquire(ledger::Acquisition& acquisition) const override;
  void build(ledger::Work& work) override;
  void committed() override { ending_.close_sockets(); }
  std::vector<std::string> exclusive_keys() const override;

  bool is_redeemed() const { return is_redeemed_; }

 private:
  ResetAttempt attempt_;
  SessionEnding ending_;
  bool is_redeemed_ = false;
};

}  // namespace mcp::identity
