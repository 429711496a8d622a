// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/wait_traits.hpp>
#include <chrono>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/completion.hpp"
#include "db/link.hpp"
#include "ledger/ledger.hpp"

namespace mcp::ledger {

struct Committed {};

// The ledger's own coroutine: takes what is queued, commits it as one batch, answers, takes the next. Runs on one
// executor; enqueue() and stats() may be called from any thread.
class Ledger::Writer : public std::enable_shared_from_this<Ledger::Writer> {
 public:
  Writer(Executor executor, db::Address address, ChainIdentity identity, Clock clock);

  Executor executor() const { return executor_; }
  Task<> start();
  Task<> stop();
  void enqueue(std::shared_ptr<Unit> unit, std::optional<Completion<Committed>> waiting);
  LedgerStats stats() const;

 private:
  struct Queued {
    std::shared_ptr<Unit> unit;
    std::optional<Completion<Committed>> waiting;
  };
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

  Task<> run();
  Task<> wait_for_work();
  Task<> probe();
  void set_writable(bool writable);
  Task<bool> ensure_connected();
  Task<> connect();
  std::vector<Queued> take_batch();
  Task<> commit(std::span<Queued> units);
  Task<std::exception_ptr> attempt(std::span<Queued> units, bool& commit_sent);
  Task<> roll_back();
  void answer(std::span<Queued> units);
  void fail(std::span<Queued> units, const std::exception_ptr& why);
  void fail_one(Queued& queued, const std::exception_ptr& why);
  void refuse_behind_failed(std::span<Queued> units);
  void fail_all_queued(const std::exception_ptr& why);

  Executor executor_;
  ChainIdentity identity_;
  Clock clock_;
  db::Link link_;
  Timer wake_;
  std::chrono::milliseconds back_off_{0};
  bool is_writable_ = true;                  // of the executor's thread; stats_ holds it for others
  std::set<std::string> failed_order_keys_;  // of the batch being committed

  mutable std::mutex mutex_;
  std::deque<Queued> queue_;  // at most limits::ledger_units_queued_max
  bool waiting_for_work_ = false;
  bool stopping_ = false;
  bool running_ = false;
  LedgerStats stats_;
  std::optional<Completion<Committed>> stopped_;
};

}  // namespace mcp::ledger
