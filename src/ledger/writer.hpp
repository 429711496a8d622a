// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/wait_traits.hpp>
#include <chrono>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/completion.hpp"
#include "db/link.hpp"
#include "ledger/chain.hpp"
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
  // Any thread: who waited for a failed unit with this order key has dealt with the failure. Once for each such unit.
  void release(const std::string& order_key);
  LedgerStats stats() const;

 private:
  struct Queued {
    std::shared_ptr<Unit> unit;
    std::optional<Completion<Committed>> waiting;
    std::string order_key;
  };
  // What became of one transaction.
  struct Attempt {
    std::exception_ptr failure;  // null: committed
    bool is_in_doubt = false;    // COMMIT was sent, no answer came
    bool commit_was_sent = false;
    std::optional<chain::Head> head;  // by which a commit in doubt can be recognised
  };
  enum class Settled : std::uint8_t { committed, not_committed, unknown };
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

  static Task<> keep_running(std::shared_ptr<Writer> self);
  Task<> run();
  Task<> wait_for_work();
  Task<> probe();
  void set_writable(bool writable);
  bool is_stopping() const;
  Task<bool> ensure_connected();
  Task<> connect();
  // `refused`: what may not be committed because it lies behind a failed unit.
  std::vector<Queued> take_batch(std::vector<Queued>& refused);
  Task<> commit(std::span<Queued> units);
  Task<Attempt> attempt(std::span<Queued> units);
  Task<Settled> settle(chain::Head head);
  Task<> roll_back();
  void answer(std::span<Queued> units);
  void fail(std::span<Queued> units, const std::exception_ptr& why);
  void fail_in_batch(Queued& queued, const std::exception_ptr& why);
  void fail_one(Queued& queued, const std::exception_ptr& why);
  void refuse_behind_failed(std::span<Queued> units);
  std::vector<Queued> take_queued_behind(std::string_view order_key);
  void fail_all_queued(const std::exception_ptr& why);

  Executor executor_;
  ChainIdentity identity_;
  Clock clock_;
  db::Link link_;
  Timer wake_;
  std::chrono::milliseconds back_off_{0};
  bool is_writable_ = true;                // of the executor's thread; stats_ holds it for others
  std::set<std::string> failed_in_batch_;  // order keys; the sender may know already, the rest of the batch does not

  mutable std::mutex mutex_;
  // Order keys of failed units whose senders have not been told yet, with the number of those units: what such a sender
  // queued in the meantime must not overtake the failed one.
  std::map<std::string, int, std::less<>> failed_order_keys_;
  std::deque<Queued> queue_;  // at most limits::ledger_units_queued_max
  bool waiting_for_work_ = false;
  bool stopping_ = false;
  bool running_ = false;
  LedgerStats stats_;
  std::optional<Completion<Committed>> stopped_;
};

}  // namespace mcp::ledger
