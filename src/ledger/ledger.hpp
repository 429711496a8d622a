// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "core/clock.hpp"
#include "core/completion.hpp"
#include "core/task.hpp"
#include "db/link.hpp"
#include "ledger/unit.hpp"

namespace mcp::ledger {

// Who writes the chain: one per server instance, one for the command line (contract-data 5.1).
struct ChainIdentity {
  ChainId chain;
  std::string instance_name;
  std::string hostname;
  std::int64_t process_id = 0;
  // Set for `serve`: one serving instance per database. The writer's connection holds this advisory lock.
  std::optional<std::int64_t> instance_lock;
};

// Another process serves this database already (exit 75).
class AlreadyServed : public std::runtime_error {
 public:
  AlreadyServed() : std::runtime_error("another server already serves this database") {}
};

struct LedgerStats {
  std::uint64_t batches = 0;
  std::uint64_t units = 0;
  std::uint64_t replays = 0;  // batches tried again without the unit that broke them
  std::uint64_t failed_units = 0;
  std::size_t queued = 0;
  std::int64_t last_seq = 0;  // of the audit chain
  bool is_writable = false;   // the last batch, or the last attempt to connect, succeeded
};

// The group-commit writer: units that arrive while one transaction is being flushed form the next one; no timer, no
// artificial delay. One connection, two pipelined trips a batch. Fails closed: when it cannot write, acts are refused.
class Ledger {
 public:
  Ledger(Executor executor, db::Address address, ChainIdentity identity, Clock clock);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Connects, makes the chain's row and its first entry audit_chain_started if they are missing, and starts writing.
  // Throws db::Fault, AlreadyServed.
  Task<> start();
  // Refuses new units, writes what is queued, closes.
  Task<> stop();

  // Any shard. Returns after COMMIT; unit->committed() has run by then. Throws db::Fault when it is not committed, or
  // with outcome_unknown() when nobody can tell; std::exception from the unit's build().
  Task<> commit(std::shared_ptr<Unit> unit);
  // Commits without anybody waiting (a disconnect's entry). A failure is logged and counted.
  void submit(std::shared_ptr<Unit> unit);

  LedgerStats stats() const;  // any thread

 private:
  class Writer;
  std::shared_ptr<Writer> writer_;
};

// A unit that only audits: a read, a refusal, a disconnect.
class AuditUnit : public Unit {
 public:
  explicit AuditUnit(Entry entry) : entry_(std::move(entry)) {}
  void acquire(Acquisition&) const override {}
  void build(Work& work) override { work.audit(entry_); }

 private:
  Entry entry_;
};

}  // namespace mcp::ledger
