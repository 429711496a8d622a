// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "db/link.hpp"
#include "operations/home.hpp"
#include "operations/installation.hpp"

namespace mcp::operations {

// The two ways into one database.
struct DatabaseAccess {
  db::Address owner;    // migrations
  db::Address serving;  // everything else; its user is the role that is granted rights
};

// Who runs a command, for its audit entries and its chain.
struct CommandLine {
  std::string os_user;        // calling_user()
  std::string instance_name;  // INSTANCE_NAME
  std::string version;        // of the program
};

// What `setup` works with. A secret that a layer of the configuration gave is used as it is, an empty one is made.
struct SetupOptions {
  std::filesystem::path home;
  bool is_production = false;  // writes NODE_ENV=production into a new .env
  bool is_forced = false;      // --force: config.json is written anew; keys never are
  Secret jwt_secret;
  Secret content_root;                     // 32 bytes
  Secret metadata_root;                    // 32 bytes
  std::optional<DatabaseAccess> external;  // some DB_* is set; else the private cluster
  FirstAdministrator administrator;
  CommandLine command;
};

struct SetupReport {
  std::vector<int> migrations;  // applied now
  AdministratorState administrator = AdministratorState::settled;
  std::filesystem::path setup_token_file;  // when made or renewed
  std::vector<std::string> generated;      // names of the variables written to .env
};

// `setup`: home, secrets, private cluster, schema, base rows, data keys, first administrator. Each step keeps what is
// there, so that it can be run again after any abort. Runs on the main thread's executor and blocks it while PostgreSQL
// starts.
//   throws   Failure; db::Fault; std::runtime_error of db::migrate
Task<SetupReport> set_up(Executor executor, SetupOptions options);

// `init-db` and `migrate` on a database that can be reached: applies what is pending up to `to` (0 = all) and records
// it. With root keys, also what Installation::establish and open_keys make. Returns the versions applied.
struct RootSecrets {
  Secret content;   // 32 bytes
  Secret metadata;  // 32 bytes
};
Task<std::vector<int>> initialise_database(Executor executor, DatabaseAccess access, Home home, CommandLine command,
                                           std::optional<RootSecrets> roots, int to);

// A command's way into the database of a running or stopped server: a ledger on the command line's own chain, a link
// for what it asks, and the data keys once installation().open_keys() was awaited. close() before it dies.
class CommandSession {
 public:
  // `address` as the serving role.
  CommandSession(Executor executor, db::Address address, const Home& home, const CommandLine& command);

  Task<> start();
  Task<> close();
  db::Link& link() { return link_; }
  ledger::Ledger& ledger() { return ledger_; }
  crypto::Keyring& keys() { return keys_; }
  Installation& installation() { return installation_; }

 private:
  db::Link link_;
  ledger::Ledger ledger_;
  crypto::Keyring keys_;
  Installation installation_;
};

// Throws Failure{configuration} when it is not 32 bytes.
crypto::RootKey to_root_key(const Secret& bytes, std::string_view variable);

}  // namespace mcp::operations
