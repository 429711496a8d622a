// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/secret.hpp"
#include "core/task.hpp"
#include "db/link.hpp"
#include "operations/child_process.hpp"
#include "operations/home.hpp"
#include "operations/postgres_binaries.hpp"

namespace mcp::operations {

inline constexpr int private_connections_max =
    120;  // DB_MAX_CONNECTIONS goes to 100; ledger, listener, commands besides

// Names of the private cluster. On an external server they are the operator's.
namespace cluster_names {
inline constexpr const char* database = "mcp_messenger_db";
inline constexpr const char* superuser = "mcp_messenger_super";
inline constexpr const char* owner = "mcp_messenger_owner";
inline constexpr const char* serving = "mcp_messenger_app";
}  // namespace cluster_names

// What make_roles_and_database() works with.
struct ClusterRoles {
  db::Address superuser;         // in database postgres
  db::Address superuser_inside;  // in the messenger's database
  Secret owner_password;
  Secret serving_password;
};

// The PostgreSQL cluster of a home: Unix socket only, SCRAM, data checksums, a role each for owning and for serving.
//
// It runs as a child of whoever holds `pg/lock`: `serve` while it serves, else a command for as long as it needs it. A
// command that finds it run by `serve` uses that, one that finds it run by another command waits for its turn. When the
// holder is killed, the kernel tells the child to shut down.
//
// One thread, the main thread, makes and drives it (the death signal follows the thread that starts the child):
//
//   auto cluster = PrivateCluster::open(home);         // or provision(), or join()
//   cluster.start();
//   cluster.wait_ready(std::chrono::minutes{2});       // both block; nothing else runs yet
//   ...
//   asio::signal_set on SIGCHLD, and a timer: each calls poll(); the timer is set to what poll() returns
//   ...
//   cluster.stop();                                    // after the pool and the ledger closed their connections
//
// Between poll() calls nothing happens, so a missed SIGCHLD only delays the restart.
class PrivateCluster {
 public:
  // Is there one, complete?
  static bool exists(const Home& home);

  // For `setup`: makes passwords and data directory where they are missing. Repeatable after an abort at any point.
  // Throws Failure.
  static PrivateCluster provision(const Home& home);
  // For `serve`: waits a little for a command that uses the cluster. Throws Failure{try_later} when another process
  // keeps it, Failure{configuration} when there is none, Failure{unavailable} when its server programs are not
  // installed.
  static PrivateCluster open(const Home& home);
  // For the other commands: drives the cluster when nobody does, else uses the running one.
  static PrivateCluster join(const Home& home);

  PrivateCluster(PrivateCluster&&) noexcept;
  PrivateCluster& operator=(PrivateCluster&&) noexcept;
  ~PrivateCluster();  // as stop()

  // Starts the server. What a killed process left running is shut down first. Nothing to do for a joined cluster.
  void start();
  // Throws Failure{unavailable} when it does not accept connections within `patience`; restarts it meanwhile as poll()
  // does.
  void wait_ready(std::chrono::milliseconds patience);
  // Restarts the server when it has died, with back-off (100 ms doubled to 5 s: the first tries may be refused until
  // the last processes of the old server are gone). What keeps it from being started is logged and tried again, not
  // thrown. Returns when to call again at the latest; nothing: at the next SIGCHLD.
  std::optional<std::chrono::milliseconds> poll();
  // Fast shutdown, waits for it, gives up the lock.
  void stop();

  bool is_driver() const;    // started by this process, not joined
  pid_t server_pid() const;  // 0 while none of ours runs

  db::Address superuser(const std::string& database) const;
  db::Address owner() const;
  db::Address serving() const;
  ClusterRoles roles() const;

  const std::filesystem::path& socket_folder() const;

 private:
  struct State;
  explicit PrivateCluster(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// Makes the roles and the database of a running cluster where they are missing, sets the roles' passwords, closes what
// is open to PUBLIC. The third step of `setup`, after provision() and start(). Throws db::Fault.
Task<> make_roles_and_database(Executor executor, ClusterRoles roles);

}  // namespace mcp::operations
