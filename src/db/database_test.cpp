// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects: a pool that survives its database (lost, restarted, slow connections), never repeats a write, never waits
// without a bound, and hands nobody a half-used connection.
#include "db/database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <thread>

#include "support/database.hpp"
#include "support/proxy.hpp"

namespace mcp::db {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr Statement one{"test.one", "SELECT 1::int4"};
constexpr Statement add{"test.add", "INSERT INTO t VALUES ($1)"};
constexpr Statement count{"test.count", "SELECT count(*) FROM t"};
constexpr Statement sleep_long{"test.sleep", "SELECT pg_sleep(60)::text"};
// Ends its own session the first time it runs; sequences do not roll back, so `attempts` counts every try.
constexpr Statement die_once{"test.die_once", R"sql(
    SELECT CASE WHEN nextval('attempts') = 1 THEN pg_terminate_backend(pg_backend_pid())::text ELSE 'survived' END)sql"};

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    files_.run_as_superuser(
        "CREATE TABLE t (n int4 CONSTRAINT t_key PRIMARY KEY); CREATE SEQUENCE attempts;"
        "GRANT ALL ON t, attempts TO PUBLIC");
  }
  ~DatabaseTest() override {
    if (pool_) loop_.run(pool_->stop());
  }

  Database& start(PoolSettings settings) {
    pool_.emplace(loop_.executor(), files_.address(), settings);
    loop_.run(pool_->start());
    return *pool_;
  }
  Rows query(Statement statement, Params params = {}) { return loop_.run(pool_->query(statement, std::move(params))); }
  std::int64_t rows_in_table() { return query(count)[0].get<std::int64_t>(0); }
  void end_all_sessions() {
    files_.run_as_superuser(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND "
        "pid <> pg_backend_pid()");
  }

  template <class Call>
  Fault fault_of(Call call) {
    try {
      call();
    } catch (const Fault& fault) {
      return fault;
    }
    ADD_FAILURE() << "no fault";
    return {FaultKind::programming, "", "none", ""};
  }

  test::TestDatabase files_{test::TestDatabase::Schema::empty};
  test::Loop loop_;
  std::optional<Database> pool_;
};

PoolSettings small(std::size_t min, std::size_t max) {
  PoolSettings settings;
  settings.min_connections = min;
  settings.max_connections = max;
  return settings;
}

Task<> note_answer(Database* pool, int number, std::vector<int>* order) {
  co_await pool->query(one, Params());
  order->push_back(number);
}

TEST_F(DatabaseTest, KeepsTheMinimumOpenAndGrowsOnDemandToTheMaximum) {
  PoolSettings settings = small(2, 3);
  settings.idle_timeout = 50ms;
  settings.acquire_timeout = 20ms;
  Database& pool = start(settings);
  loop_.run_until_true([&] { return pool.stats().idle == 2; });
  {
    std::vector<Transaction> held;
    for (int i = 0; i < 2; ++i) held.push_back(loop_.run(pool.begin()));
    loop_.run_until_true([&] { return pool.stats().in_use == 2; });
  }
  pool_.reset();
  settings.acquire_timeout = 10s;
  Database& patient = start(settings);
  std::vector<Transaction> held;
  for (int i = 0; i < 3; ++i) held.push_back(loop_.run(patient.begin()));
  EXPECT_EQ(patient.stats().size, 3U);
  held.clear();
  loop_.run_until_true([&] { return patient.stats().size == 2; });  // the idle time-out took one, not more
  EXPECT_EQ(patient.stats().broken_total, 0U);
}

TEST_F(DatabaseTest, CanBeStartedAgainWhenTheDatabaseWasAway) {
  files_.run_as_superuser("ALTER DATABASE " + files_.name() + " CONNECTION LIMIT 0");
  pool_.emplace(loop_.executor(), files_.address(), small(1, 1));
  EXPECT_EQ(fault_of([&] { loop_.run(pool_->start()); }).kind(), FaultKind::unavailable);
  EXPECT_EQ(fault_of([&] { query(one); }).kind(), FaultKind::unavailable);
  files_.run_as_superuser("ALTER DATABASE " + files_.name() + " CONNECTION LIMIT -1");
  loop_.run(pool_->start());
  EXPECT_EQ(query(one).size(), 1U);
}

TEST_F(DatabaseTest, RepeatsAReadOnAnotherConnection) {
  Database& pool = start(small(1, 2));
  EXPECT_EQ(query(die_once)[0].get<std::string>(0), "survived");
  EXPECT_EQ(pool.stats().broken_total, 1U);
}

TEST_F(DatabaseTest, NeverRepeatsAWrite) {
  Database& pool = start(small(1, 2));
  const Fault fault = fault_of([&] { loop_.run(pool.execute(die_once, Params())); });
  EXPECT_EQ(fault.kind(), FaultKind::unavailable);
  EXPECT_TRUE(fault.outcome_unknown());
  EXPECT_EQ(files_.ask_as_superuser("SELECT last_value::text FROM attempts"), "1");
  EXPECT_EQ(query(one).size(), 1U);  // healed
}

TEST_F(DatabaseTest, GivesUpAReadThatBreaksEveryConnection) {
  start(small(1, 2));
  constexpr Statement die{"test.die", "SELECT pg_terminate_backend(pg_backend_pid())::text"};
  EXPECT_EQ(fault_of([&] { query(die); }).kind(), FaultKind::unavailable);
  EXPECT_EQ(pool_->stats().broken_total, 2U);
}

TEST_F(DatabaseTest, HandsOutNoConnectionThatDiedWhileIdle) {
  Database& pool = start(small(3, 3));
  loop_.run_until_true([&] { return pool.stats().idle == 3; });
  end_all_sessions();
  Transaction transaction = loop_.run(pool.begin());
  loop_.run(transaction.query(add, Params::of(1)));
  loop_.run(transaction.commit());
  EXPECT_EQ(loop_.run(pool.execute(add, Params::of(2))).affected(), 1);
  EXPECT_EQ(pool.stats().broken_total, 3U);
  loop_.run_until_true([&] { return pool.stats().idle == 3; });
}

TEST_F(DatabaseTest, ReplacesIdleConnectionsThatDiedBeforeAnybodyAsks) {
  PoolSettings settings = small(2, 2);
  settings.idle_timeout = 20ms;  // also how often the pool looks
  Database& pool = start(settings);
  loop_.run_until_true([&] { return pool.stats().idle == 2; });
  end_all_sessions();
  loop_.run_until_true([&] { return pool.stats().broken_total == 2 && pool.stats().idle == 2; });
}

TEST_F(DatabaseTest, ComesBackAfterAnOutage) {
  Database& pool = start(small(2, 2));
  loop_.run_until_true([&] { return pool.stats().idle == 2; });
  files_.run_as_superuser("ALTER DATABASE " + files_.name() + " CONNECTION LIMIT 0");
  end_all_sessions();
  std::vector<int> order;
  loop_.start(note_answer(&pool, 1, &order));  // waits for a connection, as long as acquire_timeout
  loop_.run_until_true([&] { return pool.stats().waiting == 1 && pool.stats().size == 0; });
  files_.run_as_superuser("ALTER DATABASE " + files_.name() + " CONNECTION LIMIT -1");
  loop_.run_until_true([&] { return pool.stats().idle == 2; });
  EXPECT_THAT(order, ElementsAre(1));
}

TEST_F(DatabaseTest, RefusesWhoWaitedTooLongForAConnection) {
  PoolSettings settings = small(1, 1);
  settings.acquire_timeout = 30ms;
  Database& pool = start(settings);
  Transaction holder = loop_.run(pool.begin());
  EXPECT_EQ(fault_of([&] { query(one); }).kind(), FaultKind::unavailable);
  EXPECT_EQ(fault_of([&] { loop_.run(pool.begin()); }).kind(), FaultKind::unavailable);
  EXPECT_EQ(pool.stats().timeouts_total, 2U);
  EXPECT_EQ(pool.stats().waiting, 0U);
  loop_.run(holder.commit());
  EXPECT_EQ(query(one).size(), 1U);
}

TEST_F(DatabaseTest, ServesWaitersInOrderAndBoundsThem) {
  PoolSettings settings = small(1, 1);
  settings.waiting_max = 3;
  Database& pool = start(settings);
  Transaction holder = loop_.run(pool.begin());
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) loop_.start(note_answer(&pool, i, &order));
  loop_.run_until_true([&] { return pool.stats().waiting == 3; });
  EXPECT_EQ(fault_of([&] { query(one); }).kind(), FaultKind::unavailable);  // at once: the default wait is 10 s
  EXPECT_EQ(pool.stats().timeouts_total, 0U);
  loop_.run(holder.commit());
  loop_.run_until_true([&] { return order.size() == 3; });
  EXPECT_THAT(order, ElementsAre(0, 1, 2));
}

TEST_F(DatabaseTest, RollsBackATransactionThatIsDestroyed) {
  Database& pool = start(small(1, 1));
  {
    Transaction transaction = loop_.run(pool.begin());
    EXPECT_EQ(loop_.run(transaction.query(add, Params::of(1))).affected(), 1);
  }
  EXPECT_EQ(rows_in_table(), 0);
  {
    Transaction failed = loop_.run(pool.begin());
    loop_.run(failed.query(add, Params::of(1)));
    EXPECT_EQ(fault_of([&] { loop_.run(failed.query(add, Params::of(1))); }).constraint(), "t_key");
  }
  EXPECT_EQ(rows_in_table(), 0);
  EXPECT_EQ(pool.stats().broken_total, 0U);  // the connection itself went on
  Transaction transaction = loop_.run(pool.begin());
  std::vector<Command> commands;
  commands.push_back({&add, Params::of(1)});
  commands.push_back({&add, Params::of(2)});
  EXPECT_EQ(loop_.run(transaction.run(std::move(commands))).size(), 2U);
  loop_.run(transaction.commit());
  EXPECT_EQ(rows_in_table(), 2);
}

TEST_F(DatabaseTest, SaysThatTheOutcomeOfALostCommitIsUnknown) {
  Database& pool = start(small(1, 1));
  Transaction transaction = loop_.run(pool.begin());
  loop_.run(transaction.query(add, Params::of(1)));
  end_all_sessions();
  const Fault fault = fault_of([&] { loop_.run(transaction.commit()); });
  EXPECT_EQ(fault.kind(), FaultKind::unavailable);
  EXPECT_TRUE(fault.outcome_unknown());
  EXPECT_EQ(rows_in_table(), 0);
}

TEST_F(DatabaseTest, EndsStatementsThatTakeTooLong) {
  PoolSettings settings = small(1, 1);
  settings.statement_timeout = 50ms;
  Database& pool = start(settings);
  const Fault fault = fault_of([&] { query(sleep_long); });
  EXPECT_EQ(fault.kind(), FaultKind::timeout);
  EXPECT_EQ(fault.statement(), "test.sleep");
  EXPECT_EQ(query(one).size(), 1U);
  EXPECT_EQ(pool.stats().broken_total, 0U);
}

TEST_F(DatabaseTest, ReplacesAConnectionWhoseCallerWasCancelled) {
  Database& pool = start(small(1, 1));
  asio::cancellation_signal stop_query;
  asio::cancellation_signal stop_waiting;
  int ended = 0;
  const auto end = [&](const std::exception_ptr& why, const Rows&) {
    EXPECT_TRUE(why);
    ++ended;
  };
  asio::co_spawn(loop_.executor(), pool.query(sleep_long, Params()),
                 asio::bind_cancellation_slot(stop_query.slot(), end));
  loop_.run_until_true([&] { return pool.stats().in_use == 1; });
  asio::co_spawn(loop_.executor(), pool.query(one, Params()), asio::bind_cancellation_slot(stop_waiting.slot(), end));
  loop_.run_until_true([&] { return pool.stats().waiting == 1; });
  stop_waiting.emit(asio::cancellation_type::terminal);
  loop_.run_until_true([&] { return ended == 1; });
  EXPECT_EQ(pool.stats().waiting, 0U);
  stop_query.emit(asio::cancellation_type::terminal);
  loop_.run_until_true([&] { return ended == 2; });
  EXPECT_EQ(pool.stats().broken_total, 1U);
  EXPECT_EQ(query(one)[0].get<std::int32_t>(0), 1);  // not the answer of the query that was cut off
}

TEST_F(DatabaseTest, StopsAfterTheConnectionsInUseCameBack) {
  Database& pool = start(small(1, 2));
  Transaction transaction = loop_.run(pool.begin());
  std::vector<int> order;
  bool is_stopped = false;
  const auto stop_and_note = [](Database* stopped, bool* done) -> Task<> {
    co_await stopped->stop();
    *done = true;
  };
  loop_.start(stop_and_note(&pool, &is_stopped));
  loop_.run_until_true([&] { return pool.stats().idle == 0; });
  EXPECT_EQ(fault_of([&] { query(one); }).kind(), FaultKind::unavailable);
  EXPECT_FALSE(is_stopped);
  loop_.run(transaction.query(add, Params::of(1)));
  loop_.run(transaction.commit());
  loop_.run_until_true([&] { return is_stopped; });
  EXPECT_EQ(pool.stats().size, 0U);
  EXPECT_EQ(files_.ask_as_superuser("SELECT count(*)::text FROM t"), "1");
}

TEST_F(DatabaseTest, StopClosesWhatDoesNotComeBack) {
  PoolSettings settings = small(1, 2);
  settings.stop_wait = 20ms;
  Database& pool = start(settings);
  Transaction forgotten = loop_.run(pool.begin());
  bool has_failed = false;
  const auto sleep_and_note = [](Database* asked, bool* failed) -> Task<> {
    try {
      co_await asked->query(sleep_long, Params());
    } catch (const Fault& fault) {
      *failed = fault.kind() == FaultKind::unavailable;
    }
  };
  loop_.start(sleep_and_note(&pool, &has_failed));
  loop_.run_until_true([&] { return pool.stats().in_use == 2; });
  loop_.run(pool.stop());
  EXPECT_TRUE(has_failed);
  EXPECT_EQ(fault_of([&] { loop_.run(forgotten.query(one, Params())); }).kind(), FaultKind::unavailable);
}

TEST_F(DatabaseTest, StopsWhileItTriesToConnect) {
  test::Proxy proxy(loop_, files_.address());
  PoolSettings settings = small(1, 2);
  settings.stop_wait = 20ms;
  pool_.emplace(loop_.executor(), proxy.address(), settings);
  loop_.run(pool_->start());
  Transaction holder = loop_.run(pool_->begin());
  proxy.go_silent();
  std::vector<int> order;
  bool has_failed = false;
  const auto ask_and_note = [](Database* asked, bool* failed) -> Task<> {
    try {
      co_await asked->query(one, Params());
    } catch (const Fault& fault) {
      *failed = fault.kind() == FaultKind::unavailable;
    }
  };
  loop_.start(ask_and_note(&*pool_, &has_failed));  // needs a second connection, which nobody answers
  loop_.run_until_true([&] { return pool_->stats().waiting == 1; });
  proxy.cut();
  {
    const Transaction ended = std::move(holder);
  }
  loop_.run(pool_->stop());
  EXPECT_TRUE(has_failed);
}

// One io_context on a thread of its own, as a shard or the pool's.
class Shard {
 public:
  Shard() : thread_([this] { context_.run(); }) {}
  ~Shard() {
    work_.reset();
    thread_.join();
  }
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  Executor executor() { return context_.get_executor(); }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<Executor> work_{context_.get_executor()};
  std::thread thread_;
};

// Reads and writes in turn; returns how often it was resumed on a foreign thread.
Task<int> work(Database* pool, std::int32_t first, std::int32_t rounds) {
  const std::thread::id home = std::this_thread::get_id();
  int strays = 0;
  const auto check = [&] { strays += std::this_thread::get_id() == home ? 0 : 1; };
  for (std::int32_t i = first; i < first + rounds; ++i) {
    {  // gives its connection back before the next one is asked for
      Transaction transaction = co_await pool->begin();
      check();
      Params params = Params::of(i);
      co_await transaction.query(add, std::move(params));
      check();
      if (i % 2 == 0) co_await transaction.commit();  // the other half is rolled back by its destructor
      check();
    }
    co_await pool->query(count, Params());
    check();
  }
  co_return strays;
}

TEST_F(DatabaseTest, ServesCallersOfSeveralThreadsOnTheirOwn) {
  Shard home;
  std::array<Shard, 2> shards;
  Database pool(home.executor(), files_.address(), small(1, 3));
  asio::co_spawn(shards[0].executor(), pool.start(), asio::use_future).get();
  std::vector<std::future<int>> workers;
  for (std::int32_t i = 0; i < 8; ++i) {
    workers.push_back(asio::co_spawn(shards.at(static_cast<std::size_t>(i % 2)).executor(), work(&pool, i * 100, 20),
                                     asio::use_future));
  }
  for (auto& worker : workers) EXPECT_EQ(worker.get(), 0);
  EXPECT_LE(pool.stats().size, 3U);
  asio::co_spawn(shards[1].executor(), pool.stop(), asio::use_future).get();
  EXPECT_EQ(files_.ask_as_superuser("SELECT count(*)::text FROM t"), "80");
  EXPECT_EQ(pool.stats().broken_total, 0U);
}

}  // namespace
}  // namespace mcp::db
