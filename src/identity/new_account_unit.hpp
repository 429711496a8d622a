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

// Makes sure that there is an administrator who can log in, or a token with which one can become so.
class FirstAdministratorUnit : public ledger::Unit {
 public:
  //   row          of the account to make if there is no active super_admin
  //   token_hash   of the set-up token
  FirstAdministratorUnit(Author author, AccountRow row, std::string token_hash)
      : author_(std::move(author)), row_(std::move(row)), token_hash_(std::move(token_hash)) {}

  void acquire(ledger::Acquisition& acquisition) const override;
  void build(ledger::Work& work) override { answer_ = decide(work); }
  std::vector<std::string> exclusive_keys() const override;

  // The account that the token stands for; none when an administrator can log in already.
  //   fails   already_exists: the name belongs to somebody who is no administrator
  const Result<std::optional<UserId>>& answer() const { return answer_; }

 private:
  Result<std::optional<UserId>> decide(ledger::Work& work) const;

  Author author_;
  AccountRow row_;
  std::string token_hash_;
  Result<std::optional<UserId>> answer_;
};

}  // namespace mcp::identity
