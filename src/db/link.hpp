// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/secret.hpp"
#include "core/task.hpp"
#include "db/fault.hpp"
#include "db/params.hpp"
#include "db/rows.hpp"
#include "db/statement.hpp"

namespace mcp::db {

// How to reach one database as one role.
struct Address {
  std::string host;  // name, address, or directory of a Unix socket
  std::uint16_t port = 5432;
  std::string database;
  std::string user;
  Secret password;  // empty: peer or trust authentication
  std::string ssl_mode = "prefer";
  std::string ssl_root_cert;
  std::chrono::milliseconds connect_timeout{5000};

  Address duplicate() const;
};

struct Command {
  const Statement* statement;
  Params params;
};

// One connection, non-blocking, on one executor. Not shared: one coroutine at a time. Everything is sent through
// libpq's pipeline mode, so n commands cost one round trip.
class Link {
 public:
  using SessionSettings = std::vector<std::pair<std::string, std::string>>;  // name, value

  // `session_settings` are set after connecting ("plan_cache_mode" -> "force_generic_plan"), after those every
  // connection gets: UTC, synchronous_commit on, search_path public. With a "statement_timeout" (milliseconds, digits
  // alone) the link also gives up on a server that is silent for one second longer.
  Link(Executor executor, Address address, SessionSettings session_settings);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Throws Fault{unavailable} on failure, after at most Address::connect_timeout; its sqlstate is the server's reason
  // (28P01) if it gave one. May be called again after close() or a loss.
  Task<> connect();
  bool is_connected() const;
  // True while nothing waits to be read. Of a connection that idles (and does not LISTEN) anything to read means that
  // the server ended it, restarted, or changed its settings: do not use it again. Costs one system call.
  bool is_quiet() const;
  // As of the server's last answer; a failed transaction counts.
  bool in_transaction() const;
  // A coroutine waiting in a member ends with Fault{unavailable}.
  void close();

  // Sends all commands and one Sync, returns one Rows per command. Statements are prepared on first use in the same
  // trip. The first failure makes the server skip the rest: throws its Fault after the connection is in sync again (in
  // an open transaction the caller then rolls back). A lost connection: Fault{unavailable}, is_connected() false; with
  // outcome_unknown() when a COMMIT, or a command outside a transaction, may have reached the server. A COMMIT that the
  // server turned into a rollback is Fault{programming, 25P02}. Statements must outlive the call; their names have at
  // most 63 characters. One name with two texts or two lists of parameter types is Fault{programming}; nothing is sent
  // then.
  Task<std::vector<Rows>> run(std::vector<Command> commands);

  // Plain SQL text, several statements allowed, no parameters; for migrations and session control only. The statement
  // of its Fault is "script:<line>".
  Task<> run_script(std::string sql);

  // Waits until the server sends a NOTIFY or `wait` has passed; returns the channels notified. Throws on a lost
  // connection.
  Task<std::vector<std::string>> wait_for_notification(std::chrono::milliseconds wait);

 private:
  class Connection;
  std::shared_ptr<Connection> connection_;  // shared with its suspended coroutines
};

// Transaction control as statements, for Link::run.
inline constexpr Statement begin_statement{"begin", "BEGIN"};
inline constexpr Statement commit_statement{"commit", "COMMIT"};
inline constexpr Statement rollback_statement{"rollback", "ROLLBACK"};

}  // namespace mcp::db
