// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/task.hpp"
#include "crypto/password.hpp"
#include "db/database.hpp"
#include "identity/account.hpp"
#include "identity/lockout.hpp"
#include "ledger/unit.hpp"

namespace mcp::identity {

// What a password is checked against, read before the act: the act itself looks again under the account's lock.
struct Credentials {
  UserId user;
  std::string username;
  std::string role_name;
  crypto::StoredPassword password;
};

// Columns: id, username, role's name, hash, its kind, salt.
Credentials read_credentials(const db::Row& row);

// An account whose row the asking unit holds locked until COMMIT.
struct LockedAccount {
  Account account;
  crypto::StoredPassword password;
  FailureCounter counter;  // of everybody but known networks
};

// A network (/24, IPv6 /64) that the account has logged in from.
struct KnownNetwork {
  Timestamp last_success;
  FailureCounter counter;
};

// Account's columns in the order of the statements that read one, from column `first` on; the next free column is
// first + account_columns.
inline constexpr int account_columns = 15;
Account read_account_columns(const db::Row& row, int first);

// In a unit's acquire(): locks the account. Units that do so share exclusive_account_key(), so that one counts the
// failures and ends the sessions that the other left.
std::string exclusive_account_key(UserId user);
void ask_account(ledger::Acquisition& acquisition, UserId user);
std::optional<LockedAccount> read_account(const ledger::Work& work);

//   ip_address   of the caller; empty: no network is asked for or written
void ask_network(ledger::Acquisition& acquisition, UserId user, const std::string& ip_address);
std::optional<KnownNetwork> read_network(const ledger::Work& work);

void write_account_counter(ledger::Work& work, UserId user, const FailureCounter& counter);
void write_network_counter(ledger::Work& work, UserId user, const std::string& ip_address,
                           const FailureCounter& counter);
// A login: last_login, and the network is known from now on, with a fresh counter.
void write_login(ledger::Work& work, UserId user, const std::string& ip_address);
// The account's counter and those of all its networks begin anew.
void write_unlock(ledger::Work& work, UserId user);
// A new password by its owner's will: clears the force flag.
void write_password(ledger::Work& work, UserId user, const std::string& argon2id_hash);
// The same password, hashed as is usual now.
void write_upgraded_hash(ledger::Work& work, UserId user, const std::string& argon2id_hash);

// A new account, and what stands in its way: a taken name is an answer, not a fault.
struct AccountRow {
  UserId id;
  std::string username;
  std::optional<std::string> email;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  RoleId role;
  AccountStatus status = AccountStatus::active;
  std::string password_hash;  // "!" = unusable
  bool force_password_change = false;
};
struct NewAccountFacts {
  std::optional<RoleId> role;  // of the name asked for
  std::string role_name;
  Permissions role_permissions;
  bool is_username_taken = false;
  bool is_email_taken = false;
};
//   role   name, empty: the default role
void ask_new_account(ledger::Acquisition& acquisition, const std::string& username,
                     const std::optional<std::string>& email, const std::string& role);
NewAccountFacts read_new_account(const ledger::Work& work);
void write_new_account(ledger::Work& work, const AccountRow& row);

class AccountStore {
 public:
  explicit AccountStore(db::Database& database) : database_(database) {}

  Task<std::optional<Credentials>> find_credentials(std::string username) const;  // without regard to case
  Task<std::optional<Credentials>> find_credentials(UserId user) const;

 private:
  db::Database& database_;
};

}  // namespace mcp::identity
