// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <unordered_set>
#include <vector>

#include "db/database.hpp"

namespace mcp::db {

// The connections of a Database. Everything but stats() and give_back_later() runs on its executor, so it needs no
// lock. A connection is idle (in idle_), in use (in used_, owned by a Lease), or being opened by the keeper.
class Database::Pool : public std::enable_shared_from_this<Pool> {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

  // A connection in somebody's hands; goes back to the pool with it, on the pool's executor only.
  class Lease {
   public:
    Lease() = default;
    Lease(std::shared_ptr<Pool> pool, std::unique_ptr<Link> link) : pool_(std::move(pool)), link_(std::move(link)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (link_) pool_->give_back(std::move(link_));
    }
    Link* operator->() const { return link_.get(); }
    Link& operator*() const { return *link_; }
    std::unique_ptr<Link> take() { return std::move(link_); }

   private:
    std::shared_ptr<Pool> pool_;
    std::unique_ptr<Link> link_;
  };

  Pool(Executor executor, Address address, PoolSettings settings);

  Executor executor() const { return executor_; }
  PoolStats stats() const;

  static Task<> start(std::shared_ptr<Pool> self);
  static Task<> stop(std::shared_ptr<Pool> self);
  static Task<Rows> query(std::shared_ptr<Pool> self, Statement statement, Params params);
  static Task<Rows> execute(std::shared_ptr<Pool> self, Statement statement, Params params);
  static Task<std::shared_ptr<Held>> begin(std::shared_ptr<Pool> self);
  static Task<Rows> query_held(std::shared_ptr<Held> held, Statement statement, Params params);
  static Task<std::vector<Rows>> run(std::shared_ptr<Held> held, std::vector<Command> commands);
  static Task<> commit(std::shared_ptr<Held> held);

  // Any thread: rolls back what is open on the connection, then gives it back.
  void give_back_later(std::unique_ptr<Link> link);
  // Any thread: stops without waiting, for a Database that dies without stop().
  void abandon();

 private:
  struct Idle {
    std::unique_ptr<Link> link;
    Time since;
  };
  class Waiter;

  static Task<Lease> acquire(std::shared_ptr<Pool> self, Time deadline);
  static Task<> roll_back(std::shared_ptr<Pool> self, std::unique_ptr<Link> link);
  static Task<> keep(std::shared_ptr<Pool> self);
  static Task<bool> open_one(std::shared_ptr<Pool> self);
  static Task<> pause(std::shared_ptr<Pool> self, Time until);

  std::unique_ptr<Link> make_link() const;
  std::unique_ptr<Link> take_idle();
  void give_back(std::unique_ptr<Link> link);
  void offer(std::unique_ptr<Link> link);
  bool needs_connection() const;
  void close_expired();
  Time next_expiry() const;
  void wake_keeper();
  void begin_stop();
  static Task<> wait_until_empty(std::shared_ptr<Pool> self, Time deadline);
  void update_counts();

  const Executor executor_;
  const Address address_;
  const PoolSettings settings_;

  std::deque<Idle> idle_;           // the longest idle first; at most max_connections with used_
  std::unordered_set<Link*> used_;  // at most max_connections
  std::deque<Waiter*> waiters_;     // first come, first served; at most settings_.waiting_max
  std::unique_ptr<Link> opening_;   // by the keeper
  Timer keeper_timer_;
  Timer stop_timer_;                   // stop() sleeps on it until the pool is empty
  std::atomic<bool> is_live_ = false;  // between start() and the end of stop()
  bool is_stopping_ = false;
  bool is_keeper_running_ = false;
  bool is_server_starting_ = false;  // said so when it was last asked
  bool is_backing_off_ = false;      // only stop() shortens that pause

  std::atomic<std::size_t> idle_count_{0};
  std::atomic<std::size_t> used_count_{0};
  std::atomic<std::size_t> waiting_count_{0};
  std::atomic<std::uint64_t> acquired_total_{0};
  std::atomic<std::uint64_t> timeouts_total_{0};
  std::atomic<std::uint64_t> broken_total_{0};
};

// The connection of one transaction. Shared by the Transaction and its call under way; the last one out sends it home.
struct Database::Held {
  Held(std::shared_ptr<Pool> owner, std::unique_ptr<Link> taken) : pool(std::move(owner)), link(std::move(taken)) {}
  ~Held();
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  std::shared_ptr<Pool> pool;
  std::unique_ptr<Link> link;  // null after commit
};

}  // namespace mcp::db
