// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/result.hpp"
#include "identity/account_store.hpp"
#include "identity/author.hpp"
#include "ledger/unit.hpp"

namespace mcp::identity {

// Writes a new account with its entry user_created.
class NewAccountUnit : public ledger::Unit {
 public:
  //   row    without role: its name is resolved here
  //   role   name; empty: the default role
  NewAccountUnit(Author author, AccountRow row, std::string role)
      : author_(std::move(author)), row_(std::move(row)), role_(std::move(role)) {}

  void acquire(ledger::Acquisition& acquisition) const override;
  void build(ledger::Work& work) override { answer_ = decide(work); }
  std::vector<std::string> exclusive_keys() const override;

  //   fails   already_exists, validation_failed (no such role)
  const Result<Account>& answer() const { return answer_; }

 private:
  Result<Account> decide(ledger::Work& work) const;

  Author author_;
  AccountRow row_;
  std::string role_;
  Result<Account> answer_;
};

// The keys that keep two accounts of one name, or one e-mail address, out of one batch.
std::vector<std::string> exclusive_name_keys(const AccountRow& row);
// The entry user_created, and the account as it will be read back.
void write_created(ledger::Work& work, const Author& author, const AccountRow& row, std::string_view role_name);

}  // namespace mcp::identity
