// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "config/config.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "db/link.hpp"
#include "ledger/ledger.hpp"
#include "net/shards.hpp"
#include "operations/home.hpp"
#include "operations/setup.hpp"

namespace mcp::app {

// What the server stands on: the writer of the audit trail, the data keys, the identity of the database. All of it must
// be right before anything listens.
struct Foundations {
  struct StopThreads {
    void operator()(net::Shards* shards) const;
  };
  // 0: database pool, 1: ledger. Already running: whatever goes wrong from here on stops them.
  std::unique_ptr<net::Shards, StopThreads> background;
  db::Address database;  // as the serving role
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<crypto::Keyring> keys;
  std::string epoch;  // names the life of the database
};

// Checks the schema (applying what is pending first, if `migrate`), starts the ledger, opens the keys, sees to the
// first administrator. On failure what was started has been stopped again.
//   throws  operations::Failure, db::Fault, ledger::AlreadyServed
Task<Foundations> lay_foundations(const config::Config& config, operations::Home home,
                                  operations::DatabaseAccess access, bool migrate);

}  // namespace mcp::app
