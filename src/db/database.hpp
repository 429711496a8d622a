// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/task.hpp"
#include "db/link.hpp"

namespace mcp::db {

struct PoolSettings {
  std::size_t min_connections = 5;
  std::size_t max_connections = 20;
  std::chrono::milliseconds acquire_timeout{10000};
  std::chrono::milliseconds idle_timeout{30000};
  std::chrono::milliseconds statement_timeout{30000};
  std::size_t waiting_max = 1000;             // callers waiting for a connection; more are refused at once
  std::chrono::milliseconds stop_wait{5000};  // for connections in use
};

struct PoolStats {
  std::size_t size = 0;  // connections open
  std::size_t idle = 0;
  std::size_t in_use = 0;
  std::size_t waiting = 0;  // callers waiting for a connection
  std::uint64_t acquired_total = 0;
  std::uint64_t timeouts_total = 0;
  std::uint64_t broken_total = 0;  // connections replaced after a failure
};

class Transaction;

// The pool of the serving role. It lives on one executor of its own; every member may be called from any shard and
// resumes the caller on its own shard.
class Database {
 public:
  Database(Executor executor, Address address, PoolSettings settings);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Opens the first connection (throws Fault{unavailable}) and starts keeping min_connections open, replacing broken
  // ones with back-off (100 ms doubled to 5 s).
  Task<> start();
  // Refuses new callers, waits for connections in use (at most stop_wait), closes all. Await it before the executor's
  // thread ends.
  Task<> stop();

  // One read-only statement in its own transaction. Retried once on another connection when the first one broke.
  Task<Rows> query(Statement statement, Params params);
  // Does the database answer? Throws as query() does.
  Task<> ping();
  // One changing statement in its own transaction; never retried: on Fault{unavailable} the outcome may be unknown.
  Task<Rows> execute(Statement statement, Params params);
  // An interactive transaction. Throws Fault{unavailable} when no connection comes free within acquire_timeout.
  Task<Transaction> begin();

  PoolStats stats() const;  // any thread

 private:
  friend class Transaction;
  class Pool;
  struct Held;
  std::shared_ptr<Pool> pool_;
};

// Destroyed without commit = rolled back. One call at a time; from any shard.
class Transaction {
 public:
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) noexcept;
  ~Transaction();

  // After a Fault only destruction makes sense: the server refuses everything else.
  Task<Rows> query(Statement statement, Params params);
  Task<std::vector<Rows>> run(std::vector<Command> commands);  // one round trip
  // Throws Fault with outcome_unknown() when the connection broke before the answer came.
  Task<> commit();

 private:
  friend class Database;
  explicit Transaction(std::shared_ptr<Database::Held> held);
  std::shared_ptr<Database::Held> held_;  // shared with the call under way, which may outlive a destroyed caller
};

}  // namespace mcp::db
