// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "ledger/writer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <unordered_set>

#include "core/check.hpp"
#include "core/json.hpp"
#include "core/limits.hpp"
#include "core/log.hpp"
#include "ledger/batch.hpp"
#include "ledger/chain.hpp"

namespace mcp::ledger {
namespace {

// The planner's own choices run the batch at 0.76 of this speed: it cannot know that the arrays are short.
const std::vector<std::pair<std::string, std::string>> session_settings{
    {"plan_cache_mode", "force_generic_plan"},
    {"enable_hashjoin", "off"},
    {"enable_mergejoin", "off"},
    {"synchronous_commit", "on"},
    {"lock_timeout", "10000"},
    {"statement_timeout", "30000"},
    // A host that vanished must not keep its locks.
    {"idle_in_transaction_session_timeout", "60000"},
    {"tcp_keepalives_idle", "3"},
    {"tcp_keepalives_interval", "2"},
    {"tcp_keepalives_count", "2"},
    {"tcp_user_timeout", "10000"}};

// Short, so that work goes on within 2 s of the database's return.
constexpr std::chrono::milliseconds back_off_first{100};
constexpr std::chrono::milliseconds back_off_max{1000};
// The backend of a killed server, or of a host that vanished, holds its lock until it notices (the keepalives above, 7
// s); longer than that, somebody else is alive.
constexpr int instance_lock_attempts = 100;
constexpr std::chrono::milliseconds instance_lock_pause{100};
constexpr std::chrono::seconds probe_pause{1};
constexpr int retries_max = 3;  // after a deadlock or serialization failure

std::exception_ptr unavailable() {
  return std::make_exception_ptr(db::Fault(db::FaultKind::unavailable, "", "ledger.commit", ""));
}

bool breaks_units_apart(const db::Fault& fault) {
  return fault.kind() == db::FaultKind::constraint || fault.kind() == db::FaultKind::programming;
}

constexpr std::string_view insufficient_privilege = "42501";  // the trail cannot be written, whatever the unit

}  // namespace

Ledger::Writer::Writer(Executor executor, db::Address address, ChainIdentity identity, Clock clock)
    : executor_(executor),
      identity_(std::move(identity)),
      clock_(std::move(clock)),
      link_(executor, std::move(address), session_settings),
      wake_(executor) {}

Task<> Ledger::Writer::start() {
  co_await connect();
  std::vector<db::Command> commands;
  commands.push_back({&db::begin_statement, {}});
  commands.push_back(chain::create_chain(identity_, clock_()));
  commands.push_back(chain::lock_head(identity_.chain));
  const auto answers = co_await link_.run(std::move(commands));
  auto head = chain::read_head(answers[2]);
  std::vector<db::Command> rest;
  if (head.seq == 0) {
    Entry first{.action = "audit_chain_started",
                .severity = Severity::critical,
                .outcome = Outcome::success,
                .user = {},
                .session = {},
                .origin = {},
                .details = R"({"instance":)" + json::quoted(identity_.instance_name) + "}"};
    std::vector<Entry> entries;
    entries.push_back(std::move(first));
    const auto chained = chain::link_entries(std::move(entries), identity_, clock_(), head);
    rest.push_back(chain::insert_entries(chained));
    rest.push_back(chain::store_head(identity_.chain, head));
  }
  rest.push_back({&db::commit_statement, {}});
  co_await link_.run(std::move(rest));

  {
    const std::lock_guard lock(mutex_);
    running_ = true;
    stats_.last_seq = head.seq;
    stats_.is_writable = true;
  }
  // A writer that died unnoticed would leave every act waiting for ever.
  asio::co_spawn(executor_, keep_running(shared_from_this()), [](std::exception_ptr fault) { CHECK(!fault); });
}

// The coroutine owns the writer: it may outlive the Ledger, whose owner stops the threads last.
Task<> Ledger::Writer::keep_running(std::shared_ptr<Writer> self) { co_await self->run(); }

Task<> Ledger::Writer::stop() {
  bool was_running = false;
  {
    const std::lock_guard lock(mutex_);
    was_running = running_ && !stopping_;
    stopping_ = true;
  }
  if (was_running) {
    co_await await_completion<Committed>([this](Completion<Committed> done) {
      stopped_.emplace(std::move(done));
      wake_.cancel();
    });
  }
  link_.close();
}

void Ledger::Writer::enqueue(std::shared_ptr<Unit> unit, std::optional<Completion<Committed>> waiting) {
  bool wake = false;
  bool taken = false;
  std::string order_key = unit->order_key();
  {
    const std::lock_guard lock(mutex_);
    taken = running_ && !stopping_ && queue_.size() < limits::ledger_units_queued_max;
    if (taken) {
      queue_.push_back({std::move(unit), std::move(waiting), std::move(order_key)});
      wake = std::exchange(waiting_for_work_, false);
    } else {
      ++stats_.failed_units;
      if (waiting && !order_key.empty()) ++failed_order_keys_[order_key];
    }
  }
  if (!taken) {
    if (waiting) waiting->fail(unavailable());
    return;
  }
  if (wake) {
    asio::post(executor_, [self = shared_from_this()] { self->wake_.cancel(); });
  }
}

LedgerStats Ledger::Writer::stats() const {
  const std::lock_guard lock(mutex_);
  LedgerStats stats = stats_;
  stats.queued = queue_.size();
  return stats;
}

Task<> Ledger::Writer::run() {
  while (true) {
    co_await wait_for_work();
    {
      const std::lock_guard lock(mutex_);
      if (queue_.empty() && stopping_) break;
    }
    if (!co_await ensure_connected()) {
      fail_all_queued(unavailable());
      continue;
    }
    std::vector<Queued> refused;
    auto batch = take_batch(refused);
    for (auto& queued : refused) fail_one(queued, unavailable());
    if (!batch.empty()) {
      co_await commit(batch);
      failed_in_batch_.clear();
    } else if (refused.empty()) {
      co_await probe();
    }
  }
  if (stopped_) stopped_->complete({});
}

Task<> Ledger::Writer::wait_for_work() {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (!queue_.empty() || stopping_) co_return;
      waiting_for_work_ = true;
    }
    boost::system::error_code cancelled;
    if (is_writable_) {
      wake_.expires_at(std::chrono::steady_clock::time_point::max());
    } else {
      wake_.expires_after(probe_pause);
    }
    co_await wake_.async_wait(asio::redirect_error(use_task, cancelled));
    if (!cancelled) co_return;
  }
}

// Readiness is red since a write failed and nobody has written since: tries whether the disk takes a commit again.
Task<> Ledger::Writer::probe() {
  bool good = false;
  try {
    std::vector<db::Command> ask;
    ask.push_back({&db::begin_statement, {}});
    ask.push_back(chain::lock_head(identity_.chain));
    const auto answers = co_await link_.run(std::move(ask));
    std::vector<db::Command> write;
    write.push_back(chain::try_to_write());
    write.push_back(chain::store_head(identity_.chain, chain::read_head(answers[1])));
    write.push_back({&db::commit_statement, {}});
    co_await link_.run(std::move(write));
    good = true;
  } catch (...) {
    good = false;
  }
  if (!good) co_await roll_back();
  set_writable(good);
}

void Ledger::Writer::set_writable(bool writable) {
  is_writable_ = writable;
  const std::lock_guard lock(mutex_);
  stats_.is_writable = writable;
}

bool Ledger::Writer::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

// False when the database cannot be reached; the caller then fails what is queued: acts are refused, not kept waiting.
Task<bool> Ledger::Writer::ensure_connected() {
  if (link_.is_connected()) co_return true;
  if (back_off_.count() > 0) {
    Timer pause(executor_, back_off_);
    boost::system::error_code cancelled;
    co_await pause.async_wait(asio::redirect_error(use_task, cancelled));
  }
  std::exception_ptr failure;
  try {
    co_await connect();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) {
    back_off_ = {};
    co_return true;
  }
  back_off_ = std::min(std::max(back_off_ * 2, back_off_first), back_off_max);
  try {
    std::rethrow_exception(failure);
  } catch (const AlreadyServed&) {
    log::error("ledger", "another server has taken over this database; acts are refused");
  } catch (...) {
    log::warn("ledger", "the database cannot be reached; acts are refused",
              {{log::Field::delay_ms, back_off_.count()}});
  }
  link_.close();
  set_writable(false);
  co_return false;
}

Task<> Ledger::Writer::connect() {
  co_await link_.connect();
  if (!identity_.instance_lock) co_return;
  for (int attempt = 0; attempt < instance_lock_attempts; ++attempt) {
    std::vector<db::Command> ask;
    ask.push_back(chain::try_instance_lock(*identity_.instance_lock));
    const auto answers = co_await link_.run(std::move(ask));
    if (answers[0][0].get<bool>(0)) co_return;
    Timer pause(executor_, instance_lock_pause);
    co_await pause.async_wait(use_task);
  }
  link_.close();
  throw AlreadyServed();
}

std::vector<Ledger::Writer::Queued> Ledger::Writer::take_batch(std::vector<Queued>& refused) {
  std::vector<Queued> batch;
  std::unordered_set<std::string> exclusive;
  const std::lock_guard lock(mutex_);
  while (!queue_.empty() && batch.size() < limits::ledger_batch_units_max) {
    if (failed_order_keys_.contains(queue_.front().order_key)) {
      refused.push_back(std::move(queue_.front()));
      queue_.pop_front();
      continue;
    }
    const auto keys = queue_.front().unit->exclusive_keys();
    if (std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return exclusive.contains(key); })) break;
    exclusive.insert(keys.begin(), keys.end());
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

// Commits the units, splitting the batch in halves until the unit that breaks it stands alone: it fails, the others do
// not. Order is kept: the first half is committed before the second is tried.
Task<> Ledger::Writer::commit(std::span<Queued> units) {
  refuse_behind_failed(units);
  for (int attempt_number = 0;; ++attempt_number) {
    const Attempt tried = co_await attempt(units);
    Settled settled = tried.failure ? Settled::unknown : Settled::committed;
    if (tried.is_in_doubt && tried.head) settled = co_await settle(*tried.head);
    if (settled == Settled::committed) {
      answer(units);
      co_return;
    }
    if (settled == Settled::not_committed) continue;  // nothing happened, and the connection is a new one
    const std::exception_ptr failure = tried.failure;
    bool split = false;
    bool again = false;
    bool lost_before_commit = false;
    bool database_works = false;
    try {
      std::rethrow_exception(failure);
    } catch (const db::Fault& fault) {
      split = breaks_units_apart(fault) && link_.is_connected() && units.size() > 1;
      again = fault.kind() == db::FaultKind::retry && attempt_number < retries_max;
      lost_before_commit = fault.kind() == db::FaultKind::unavailable && !tried.commit_was_sent && attempt_number == 0;
      database_works = breaks_units_apart(fault) && fault.sqlstate() != insufficient_privilege && link_.is_connected();
      if (!split && !again && !lost_before_commit) {
        log::error("ledger", "a batch was not committed",
                   {{log::Field::statement, fault.statement()},
                    {log::Field::sqlstate, fault.sqlstate()},
                    {log::Field::constraint, fault.constraint()},
                    {log::Field::count, units.size()}});
      }
    } catch (...) {
      log::error("ledger", "a batch was not committed", {{log::Field::count, units.size()}});
    }
    if (split) {
      {
        const std::lock_guard lock(mutex_);
        ++stats_.replays;
      }
      const std::size_t half = units.size() / 2;
      co_await commit(units.first(half));
      co_await commit(units.subspan(half));
      co_return;
    }
    // A connection found dead before anything was asked to commit: nothing can have happened, so the batch is tried
    // once more on a new one.
    if (lost_before_commit) again = co_await ensure_connected();
    if (!again) {
      set_writable(database_works);
      fail(units, failure);
      co_return;
    }
  }
}

// One transaction. When it failed, the connection is usable again or closed afterwards.
Task<Ledger::Writer::Attempt> Ledger::Writer::attempt(std::span<Queued> units) {
  Attempt tried;
  std::vector<std::shared_ptr<Unit>> plain;
  plain.reserve(units.size());
  for (const auto& queued : units) {
    if (queued.unit) plain.push_back(queued.unit);
  }
  if (plain.empty()) co_return tried;
  Batch batch(identity_, clock_(), plain);
  try {
    auto asked = batch.acquire_commands();
    const auto answers = co_await link_.run(std::move(asked));
    batch.take_answers(answers);
    auto failures = batch.build();
    std::size_t at = 0;
    for (auto& queued : units) {
      if (!queued.unit) continue;
      if (const auto why = failures[at++]) fail_in_batch(queued, why);
    }
    auto writes = batch.commit_commands();
    tried.commit_was_sent = true;
    if (batch.has_entries()) tried.head = batch.head();
    co_await link_.run(std::move(writes));
  } catch (db::Fault& fault) {
    // A server that panics while it commits (its disk fails) names the disk, but may have committed all the same.
    tried.is_in_doubt =
        tried.commit_was_sent && (fault.outcome_unknown() || fault.kind() == db::FaultKind::unavailable);
    if (tried.is_in_doubt) fault.set_outcome_unknown();
    tried.failure = std::make_exception_ptr(fault);
  } catch (...) {
    tried.is_in_doubt = tried.commit_was_sent;
    tried.failure = std::current_exception();
  }
  if (tried.failure) {
    co_await roll_back();
  } else {
    set_writable(true);
    const std::lock_guard lock(mutex_);
    ++stats_.batches;
    stats_.last_seq = batch.head().seq;
  }
  co_return tried;
}

// Whether a COMMIT without an answer took place is written in the chain: its last entry is there, or it is not. Lasts
// until the database is back: to answer "unavailable" would leave listeners with a hole in seq if it did take place.
// What is queued meanwhile is refused. The lock on the head waits for an old backend that may still be committing.
Task<Ledger::Writer::Settled> Ledger::Writer::settle(chain::Head head) {
  while (!is_stopping()) {
    if (!co_await ensure_connected()) {
      fail_all_queued(unavailable());
      continue;
    }
    std::optional<bool> is_there;
    try {
      std::vector<db::Command> ask;
      ask.push_back({&db::begin_statement, {}});
      ask.push_back(chain::lock_head(identity_.chain));
      ask.push_back(chain::has_entry(identity_.chain, head));
      ask.push_back({&db::rollback_statement, {}});
      const auto answers = co_await link_.run(std::move(ask));
      is_there = answers[2][0].get<bool>(0);
    } catch (const db::Fault& fault) {
      log::warn("ledger", "a commit without an answer cannot be settled yet",
                {{log::Field::sqlstate, fault.sqlstate()}});
    }
    if (is_there) {
      log::info("ledger", "a commit without an answer is settled",
                {{log::Field::reason, *is_there ? "it took place" : "it did not take place"}});
      co_return *is_there ? Settled::committed : Settled::not_committed;
    }
    link_.close();
    back_off_ = std::max(back_off_, back_off_first);
  }
  co_return Settled::unknown;
}

Task<> Ledger::Writer::roll_back() {
  if (!link_.is_connected()) co_return;
  bool done = false;
  try {
    std::vector<db::Command> commands;
    commands.push_back({&db::rollback_statement, {}});
    co_await link_.run(std::move(commands));
    done = true;
  } catch (...) {  // a connection that cannot roll back is of no use any more
    done = false;
  }
  if (!done) link_.close();
}

void Ledger::Writer::answer(std::span<Queued> units) {
  std::size_t count = 0;
  for (auto& queued : units) {
    if (!queued.unit) continue;
    ++count;
    queued.unit->committed();
    if (queued.waiting) queued.waiting->complete({});
    queued.unit->publish();
  }
  const std::lock_guard lock(mutex_);
  stats_.units += count;
}

// The rest of the batch must not overtake a unit of its sender that has failed, whether or not the sender knows by
// then.
void Ledger::Writer::fail_in_batch(Queued& queued, const std::exception_ptr& why) {
  if (!queued.order_key.empty()) failed_in_batch_.insert(queued.order_key);
  fail_one(queued, why);
}

// A sender learns of the failure on its own thread, a moment from now, and then calls release(). Until it has, its key
// stays among the failed ones.
void Ledger::Writer::fail_one(Queued& queued, const std::exception_ptr& why) {
  const bool is_awaited = queued.waiting.has_value();
  {
    const std::lock_guard lock(mutex_);
    ++stats_.failed_units;
    if (is_awaited && !queued.order_key.empty()) ++failed_order_keys_[queued.order_key];
  }
  queued.unit.reset();
  if (is_awaited) queued.waiting->fail(why);
}

// On the sender's thread, which now knows: what it queued before is refused, what it queues from here on is its answer
// to the failure.
void Ledger::Writer::release(const std::string& order_key) {
  std::vector<Queued> behind = take_queued_behind(order_key);
  for (auto& queued : behind) fail_one(queued, unavailable());
  const std::lock_guard lock(mutex_);
  const auto failed = failed_order_keys_.find(order_key);
  CHECK(failed != failed_order_keys_.end());
  if (--failed->second == 0) failed_order_keys_.erase(failed);
}

std::vector<Ledger::Writer::Queued> Ledger::Writer::take_queued_behind(std::string_view order_key) {
  std::vector<Queued> behind;
  const std::lock_guard lock(mutex_);
  std::deque<Queued> kept;
  for (auto& queued : queue_) {
    (queued.order_key == order_key ? behind.emplace_back() : kept.emplace_back()) = std::move(queued);
  }
  queue_ = std::move(kept);
  return behind;
}

void Ledger::Writer::fail(std::span<Queued> units, const std::exception_ptr& why) {
  for (auto& queued : units) {
    if (queued.unit) fail_in_batch(queued, why);
  }
}

// What one sender sent behind a failed message must not overtake it (contract-realtime 6): the later parts of a batch
// that was split.
void Ledger::Writer::refuse_behind_failed(std::span<Queued> units) {
  for (auto& queued : units) {
    if (queued.unit && failed_in_batch_.contains(queued.order_key)) fail_one(queued, unavailable());
  }
}

void Ledger::Writer::fail_all_queued(const std::exception_ptr& why) {
  std::deque<Queued> all;
  {
    const std::lock_guard lock(mutex_);
    all.swap(queue_);
  }
  set_writable(false);
  for (auto& queued : all) fail_one(queued, why);
}

}  // namespace mcp::ledger
