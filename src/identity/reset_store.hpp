// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/task.hpp"
#include "db/database.hpp"
#include "identity/account_store.hpp"
#include "ledger/unit.hpp"

namespace mcp::identity {

// Tokens for choosing a password are stored as SHA-256, hex.
//
// Uses up all open tokens of the user: the one redeemed, and those that are void by it.
void write_resets_used(ledger::Work& work, UserId user);

// Locks the token's row. Does it open the account now?
void ask_reset(ledger::Acquisition& acquisition, const std::string& token_hash);
bool is_reset_open(const ledger::Work& work, UserId user);

// A token that exists. Read before the act; the act itself looks again under the token's lock.
struct ResetToken {
  Credentials account;
  bool is_open = false;  // neither used nor expired, account active
};

class ResetStore {
 public:
  explicit ResetStore(db::Database& database) : database_(database) {}

  Task<std::optional<ResetToken>> find(std::string token_hash) const;

 private:
  db::Database& database_;
};

}  // namespace mcp::identity
