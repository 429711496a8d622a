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
  Secret password;   // empty: peer or trust authentication
  std::string ssl_mode = "prefer";
  std::string ssl_root_cert;
  std::chrono::milliseconds connect_timeout{5000};

  Address duplicate() const;
};

struct Command {
  const Statement* statement;
  Params params;
};

// One connection, non-blocking, on one executor. Not shared: one coroutine at a time. Everything is sent through libpq's
// pipeline mode, so n commands cost one round trip.
class Link {
 public:
  // `session_settings` are applied with SET after connecting ("plan_cache_mode" -> "force_generic_plan").
  Link(Executor executor, Address address, std::vector<std::pair<std::string, std::string>> session_settings);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Throws Fault{unavailable} on failure, after at most Address::connect_timeout.
  Task<> connect();
  bool is_connected() const;
  void close();

  // Sends all commands and one Sync, returns one Rows per command. Statements are prepared on first use in the same trip.
  // The first failure makes the server skip the rest: throws its Fault after the connection is in sync again (in an open
  // transaction the caller then rolls back). A lost connection: Fault{unavailable}, is_connected() false.
  Task<std::vector<Rows>> run(std::vector<Command> commands);

  // Plain SQL text, several statements allowed, no parameters; for migrations and session control only.
  Task<> run_script(std::string sql);

  // Waits until the server sends a NOTIFY or `wait` has passed; returns the channels notified. Throws on a lost connection.
  Task<std::vector<std::string>> wait_for_notification(std::chrono::milliseconds wait);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

// Transaction control as statements, for Link::run.
inline constexpr Statement begin_statement{"begin", "BEGIN"};
inline constexpr Statement commit_statement{"commit", "COMMIT"};
inline constexpr Statement rollback_statement{"rollback", "ROLLBACK"};

}  // namespace mcp::db
