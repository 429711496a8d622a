// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "audit/events.hpp"
#include "core/clock.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "db/link.hpp"
#include "ledger/ledger.hpp"
#include "operations/home.hpp"

namespace mcp::operations {

// Who the account of the first administrator is for (INITIAL_ADMIN_USERNAME, INITIAL_ADMIN_EMAIL).
struct FirstAdministrator {
  std::string username = "admin";
  std::optional<std::string> email;
};

enum class AdministratorState : std::uint8_t {
  made,        // account and set-up token are new
  renewed,     // nobody has logged in yet: a new set-up token, older ones are void
  settled,     // an active super_admin has logged in: no token, a leftover file is removed
  name_taken,  // no active super_admin, and another account has the name: nothing was done
};

// What stands once in a database: its identity, its data keys, its first administrator. Used by `setup` and `init-db`
// with the command line's chain, by `serve` at every start with its own. Each act is committed with its audit entry.
class Installation {
 public:
  // `command_user` is the operating system's user for acts of the command line, none for those of the server.
  // The services outlive this; link and ledger are started.
  Installation(db::Link& serving, ledger::Ledger& ledger, crypto::Keyring& keys,
               std::optional<std::string> command_user);

  // migration_applied for every applied migration that has no entry yet; one cut short before is made up for.
  Task<> record_migrations();

  // Makes `_epoch`, `_installation_id` and `_key_check` (check values of both roots) where the database has none: for
  // `setup` and for the first `serve` on a database that was only migrated. Neither is a secret.
  // Throws Failure{data} when only some of it is there.
  Task<> establish(crypto::RootKey content, crypto::RootKey metadata);
  // Unwraps every data key that is not retired, makes the missing active ones, and fills the keyring.
  //   throws   Failure{configuration} naming the variable: no established database, or not the root key it was
  //            established with; Failure{data}: the right root key, but a data key does not open
  Task<crypto::RootKeys> open_keys(crypto::RootKey content, crypto::RootKey metadata);

  // While no active super_admin has logged in: account (password hash "!", no password fits) and set-up token, 24 h, in
  // the home's file `setup-token`; the database keeps its SHA-256 only.
  Task<AdministratorState> ensure_administrator(FirstAdministrator administrator, Home home);

  // Set by establish() or open_keys(): the life of the database (contract-realtime 6) and its name for key derivation.
  const std::string& epoch() const { return epoch_; }
  const Uuid& installation_id() const { return installation_id_; }

 private:
  Task<> read_identity();
  // The key check of the database against these roots; throws as open_keys().
  void check_roots(const crypto::RootKey& content, const crypto::RootKey& metadata) const;
  ledger::Entry entry(std::string_view action, audit::Details details) const;

  db::Link& serving_;
  ledger::Ledger& ledger_;
  crypto::Keyring& keys_;
  std::optional<std::string> command_user_;
  std::string epoch_;
  Uuid installation_id_;
  std::string content_check_;
  std::string metadata_check_;
};

}  // namespace mcp::operations
