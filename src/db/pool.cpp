// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "db/pool.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

#include "core/check.hpp"
#include "core/log.hpp"

namespace mcp::db {
namespace {

// contract-config 2: a broken connection is replaced with back-off.
constexpr std::chrono::milliseconds back_off_min{100};
constexpr std::chrono::milliseconds back_off_max{5000};
constexpr std::chrono::milliseconds back_off_starting{500};  // the server answers that it is about to be ready (57P03)
constexpr std::chrono::seconds stop_closed_wait_max{1};      // after their connections were closed under them

Task<Rows> run_one(Link& link, const Statement& statement, Params params) {
  std::vector<Command> commands;
  commands.push_back({&statement, std::move(params)});
  std::vector<Rows> rows = co_await link.run(std::move(commands));
  co_return std::move(rows.front());
}

[[noreturn]] void refuse(const Statement& statement) {
  throw Fault(FaultKind::unavailable, "", std::string(statement.name), "");
}

}  // namespace

// A caller in the queue. Leaves it, and returns an unclaimed connection, however its coroutine ends.
class Database::Pool::Waiter {
 public:
  explicit Waiter(std::shared_ptr<Pool> pool) : pool_(std::move(pool)), timer_(pool_->executor_) {
    pool_->waiters_.push_back(this);
    pool_->update_counts();
  }
  ~Waiter() {
    std::erase(pool_->waiters_, this);
    pool_->update_counts();
    if (link_) pool_->give_back(std::move(link_));
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Null when refused or when nothing came until the deadline; throws when the coroutine is cancelled.
  Task<std::unique_ptr<Link>> wait(Time deadline) {
    timer_.expires_at(deadline);
    const auto [error] = co_await timer_.async_wait(asio::as_tuple(use_task));
    if (!link_ && !is_refused_) {
      if (error) throw boost::system::system_error(asio::error::operation_aborted);
      ++pool_->timeouts_total_;
    }
    co_return std::move(link_);
  }
  void serve(std::unique_ptr<Link> link) {
    link_ = std::move(link);
    timer_.cancel();
  }
  void refuse() {
    is_refused_ = true;
    timer_.cancel();
  }

 private:
  std::shared_ptr<Pool> pool_;
  Timer timer_;
  std::unique_ptr<Link> link_;
  bool is_refused_ = false;
};

Database::Pool::Pool(Executor executor, Address address, PoolSettings settings)
    : executor_(executor),
      address_(std::move(address)),
      settings_(settings),
      keeper_timer_(executor),
      stop_timer_(executor) {
  CHECK(settings_.max_connections > 0 && settings_.min_connections <= settings_.max_connections);
}

PoolStats Database::Pool::stats() const {
  PoolStats stats;
  stats.idle = idle_count_;
  stats.in_use = used_count_;
  stats.size = stats.idle + stats.in_use;
  stats.waiting = waiting_count_;
  stats.acquired_total = acquired_total_;
  stats.timeouts_total = timeouts_total_;
  stats.broken_total = broken_total_;
  return stats;
}

void Database::Pool::update_counts() {
  idle_count_ = idle_.size();
  used_count_ = used_.size();
  waiting_count_ = waiters_.size();
}

Task<> Database::Pool::start(std::shared_ptr<Pool> self) {
  CHECK(!self->is_live_ && !self->is_stopping_);
  std::unique_ptr<Link> first = self->make_link();
  co_await first->connect();
  self->is_live_ = true;
  self->offer(std::move(first));
  self->is_keeper_running_ = true;
  asio::co_spawn(self->executor_, keep(self), [self](const std::exception_ptr&) {
    self->is_keeper_running_ = false;
    self->stop_timer_.cancel();
  });
}

std::unique_ptr<Link> Database::Pool::make_link() const {
  // A transaction that we forgot must not keep its locks for ever; no act of ours thinks that long between statements.
  return std::make_unique<Link>(
      executor_, address_.duplicate(),
      Link::SessionSettings{{"statement_timeout", std::to_string(settings_.statement_timeout.count())},
                            {"idle_in_transaction_session_timeout", "60000"}});
}

Task<> Database::Pool::stop(std::shared_ptr<Pool> self) {
  self->begin_stop();
  const Time start = std::chrono::steady_clock::now();
  co_await wait_until_empty(self, start + self->settings_.stop_wait);
  if (!self->used_.empty()) {
    log::warn("db", "connections in use are closed", {{log::Field::count, self->used_.size()}});
    for (Link* link : self->used_) link->close();
    co_await wait_until_empty(self, start + self->settings_.stop_wait + stop_closed_wait_max);
  }
  self->is_live_ = false;
}

void Database::Pool::begin_stop() {
  is_stopping_ = true;
  for (Waiter* waiter : waiters_) waiter->refuse();
  idle_.clear();
  if (opening_) opening_->close();
  keeper_timer_.cancel();
  update_counts();
}

Task<> Database::Pool::wait_until_empty(std::shared_ptr<Pool> self, Time deadline) {
  while ((!self->used_.empty() || self->is_keeper_running_) && std::chrono::steady_clock::now() < deadline) {
    self->stop_timer_.expires_at(deadline);
    co_await self->stop_timer_.async_wait(asio::as_tuple(use_task));
  }
}

void Database::Pool::abandon() {
  if (is_live_) asio::post(executor_, [self = shared_from_this()] { self->begin_stop(); });
}

Task<Rows> Database::Pool::query(std::shared_ptr<Pool> self, Statement statement, Params params) {
  for (int attempt = 1;; ++attempt) {
    auto acquiring = acquire(self, std::chrono::steady_clock::now() + self->settings_.acquire_timeout);
    Lease lease = co_await std::move(acquiring);
    try {
      co_return co_await run_one(*lease, statement, params);
    } catch (const Fault&) {
      // Reading again does no harm, on a connection that is not the one that broke.
      if (lease->is_connected() || attempt == 2) throw;
    }
  }
}

Task<Rows> Database::Pool::execute(std::shared_ptr<Pool> self, Statement statement, Params params) {
  auto acquiring = acquire(self, std::chrono::steady_clock::now() + self->settings_.acquire_timeout);
  Lease lease = co_await std::move(acquiring);
  co_return co_await run_one(*lease, statement, std::move(params));
}

Task<std::shared_ptr<Database::Held>> Database::Pool::begin(std::shared_ptr<Pool> self) {
  const Time deadline = std::chrono::steady_clock::now() + self->settings_.acquire_timeout;
  for (std::size_t attempt = 1;; ++attempt) {
    auto acquiring = acquire(self, deadline);
    Lease lease = co_await std::move(acquiring);
    try {
      co_await run_one(*lease, begin_statement, Params());
      co_return std::make_shared<Held>(self, lease.take());
    } catch (const Fault&) {
      // Nothing has happened in it yet; every other connection may have died with this one, so each gets its try.
      if (lease->is_connected() || attempt > self->settings_.max_connections) throw;
    }
  }
}

Task<Rows> Database::Pool::query_held(std::shared_ptr<Held> held, Statement statement, Params params) {
  co_return co_await run_one(*held->link, statement, std::move(params));
}

Task<std::vector<Rows>> Database::Pool::run(std::shared_ptr<Held> held, std::vector<Command> commands) {
  co_return co_await held->link->run(std::move(commands));
}

Task<> Database::Pool::commit(std::shared_ptr<Held> held) {
  co_await run_one(*held->link, commit_statement, Params());
  held->pool->give_back(std::move(held->link));
}

Task<Database::Pool::Lease> Database::Pool::acquire(std::shared_ptr<Pool> self, Time deadline) {
  constexpr Statement acquiring{"acquire", ""};  // what the fault names
  if (!self->is_live_ || self->is_stopping_) refuse(acquiring);
  std::unique_ptr<Link> link;
  if (self->waiters_.empty()) link = self->take_idle();
  if (!link) {
    if (self->waiters_.size() >= self->settings_.waiting_max) refuse(acquiring);
    Waiter waiter(self);
    self->wake_keeper();
    link = co_await waiter.wait(deadline);
    if (!link) refuse(acquiring);
  }
  ++self->acquired_total_;
  co_return Lease(self, std::move(link));
}

// The one used last: it is warm, and those at the front may go when the load does.
std::unique_ptr<Link> Database::Pool::take_idle() {
  std::unique_ptr<Link> link;
  while (!link && !idle_.empty()) {
    link = std::move(idle_.back().link);
    idle_.pop_back();
    if (!link->is_quiet()) {  // the database restarted, or ended this session
      link.reset();
      ++broken_total_;
    }
  }
  if (link) used_.insert(link.get());
  update_counts();
  return link;
}

void Database::Pool::give_back(std::unique_ptr<Link> link) {
  used_.erase(link.get());
  if (is_stopping_) {
    link.reset();
    stop_timer_.cancel();
  } else if (!link->is_connected() || link->in_transaction()) {
    link.reset();
    ++broken_total_;
    wake_keeper();
  } else {
    offer(std::move(link));
  }
  update_counts();
}

void Database::Pool::offer(std::unique_ptr<Link> link) {
  if (waiters_.empty()) {
    idle_.push_back({std::move(link), std::chrono::steady_clock::now()});
  } else {
    used_.insert(link.get());
    Waiter* waiter = waiters_.front();
    waiters_.pop_front();
    waiter->serve(std::move(link));
  }
  update_counts();
}

void Database::Pool::give_back_later(std::unique_ptr<Link> link) {
  asio::co_spawn(executor_, roll_back(shared_from_this(), std::move(link)),
                 asio::detached);  // stop() waits: still used
}

Task<> Database::Pool::roll_back(std::shared_ptr<Pool> self, std::unique_ptr<Link> link) {
  Lease lease(self, std::move(link));
  if (!lease->is_connected() || !lease->in_transaction()) co_return;
  try {
    co_await run_one(*lease, rollback_statement, Params());
  } catch (const std::exception&) {
    lease->close();  // the server rolls back what lost its connection
  }
}

Task<> Database::Pool::keep(std::shared_ptr<Pool> self) {
  std::chrono::milliseconds back_off = back_off_min;
  while (!self->is_stopping_) {
    self->close_expired();
    if (!self->needs_connection()) {
      co_await pause(self, self->next_expiry());
    } else if (co_await open_one(self)) {
      back_off = back_off_min;
    } else if (!self->is_stopping_) {
      if (self->is_server_starting_) back_off = std::min(back_off, back_off_starting);
      log::warn("db", "the pool waits before it connects again", {{log::Field::delay_ms, back_off.count()}});
      self->is_backing_off_ = true;
      co_await pause(self, std::chrono::steady_clock::now() + back_off);
      self->is_backing_off_ = false;
      back_off = std::min(back_off * 2, back_off_max);
    }
  }
}

bool Database::Pool::needs_connection() const {
  const std::size_t open = idle_.size() + used_.size();
  return open < settings_.min_connections || (!waiters_.empty() && open < settings_.max_connections);
}

Task<bool> Database::Pool::open_one(std::shared_ptr<Pool> self) {
  self->opening_ = self->make_link();
  bool is_open = true;
  self->is_server_starting_ = false;
  try {
    co_await self->opening_->connect();
  } catch (const Fault& fault) {
    is_open = false;
    self->is_server_starting_ = fault.sqlstate() == "57P03";
  } catch (const std::exception&) {  // logged where it happened
    is_open = false;
  }
  std::unique_ptr<Link> link = std::move(self->opening_);
  if (is_open && !self->is_stopping_) self->offer(std::move(link));
  co_return is_open;
}

Task<> Database::Pool::pause(std::shared_ptr<Pool> self, Time until) {
  self->keeper_timer_.expires_at(until);
  co_await self->keeper_timer_.async_wait(asio::as_tuple(use_task));
}

void Database::Pool::wake_keeper() {
  if (!is_backing_off_) keeper_timer_.cancel();
}

void Database::Pool::close_expired() {
  broken_total_ += std::erase_if(idle_, [](const Idle& idle) { return !idle.link->is_quiet(); });
  const Time expired = std::chrono::steady_clock::now() - settings_.idle_timeout;
  while (!idle_.empty() && idle_.size() + used_.size() > settings_.min_connections && idle_.front().since <= expired) {
    idle_.pop_front();
  }
  update_counts();
}

// What becomes idle later expires later, so nobody needs to wake the keeper for it.
Database::Pool::Time Database::Pool::next_expiry() const {
  const bool may_expire = !idle_.empty() && idle_.size() + used_.size() > settings_.min_connections;
  return (may_expire ? idle_.front().since : std::chrono::steady_clock::now()) + settings_.idle_timeout;
}

}  // namespace mcp::db
