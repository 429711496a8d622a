// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects: one trip for many commands that stays in sync after every failure, values that come back as they went,
// faults that name what is ours and repeat nothing of the data.
#include "db/link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <functional>

#include "support/database.hpp"
#include "support/proxy.hpp"

namespace mcp::db {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<Command> commands(std::vector<std::pair<const Statement*, Params>> list) {
  std::vector<Command> made;
  for (auto& [statement, params] : list) made.push_back({statement, std::move(params)});
  return made;
}

// The fault that a call ends with; fails the test when it ends with none.
Fault fault_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Fault& fault) {
    return fault;
  }
  ADD_FAILURE() << "no fault";
  return {FaultKind::programming, "", "none", ""};
}

class LinkTest : public testing::Test {
 protected:
  LinkTest() { loop_.run(link_.connect()); }

  std::vector<Rows> run(std::vector<Command> list) { return loop_.run(link_.run(std::move(list))); }
  Rows ask(const Statement& statement, Params params = {}) {
    return run(commands({{&statement, std::move(params)}})).front();
  }
  void script(std::string sql) { loop_.run(link_.run_script(std::move(sql))); }
  std::unique_ptr<Link> connect_another(Link::SessionSettings settings = {}) {
    auto link = std::make_unique<Link>(loop_.executor(), database_.owner_address(), std::move(settings));
    loop_.run(link->connect());
    return link;
  }

  test::TestDatabase database_{test::TestDatabase::Schema::empty};
  test::Loop loop_;
  Link link_{loop_.executor(), database_.owner_address(), {{"statement_timeout", "20000"}}};
};

constexpr Statement one{"test.one", "SELECT 1::int4"};
constexpr Statement echo{"test.echo", R"sql(
    SELECT $1::boolean, $2::int4, $3::int8, $4::float8, $5::text, $6::uuid, $7::timestamptz, $8::bytea)sql"};

TEST_F(LinkTest, BringsEveryTypeBackAsItWent) {
  const Uuid uuid = Uuid::v7();
  const Timestamp time = *parse_iso8601("1999-12-31T23:59:59.999Z");  // before PostgreSQL's epoch
  const Bytes bytes{0, 1, 255, 0};
  const Rows rows = ask(
      echo, Params::of(true, std::int32_t{-7}, std::int64_t{-9'000'000'000}, 0.1, "grüße\n'\"\\", uuid, time, bytes));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_TRUE(rows[0].get<bool>(0));
  EXPECT_EQ(rows[0].get<std::int32_t>(1), -7);
  EXPECT_EQ(rows[0].get<std::int64_t>(2), -9'000'000'000);
  EXPECT_EQ(rows[0].get<double>(3), 0.1);
  EXPECT_EQ(rows[0].get<std::string>(4), "grüße\n'\"\\");
  EXPECT_EQ(rows[0].get<UserId>(5), UserId(uuid));
  EXPECT_EQ(rows[0].get<Timestamp>(6), time);
  EXPECT_EQ(rows[0].get<Bytes>(7), bytes);
  EXPECT_EQ(rows[0].view(7).size(), 4U);
}

TEST_F(LinkTest, KeepsNullApartFromEmpty) {
  const Rows nulls =
      ask(echo, Params::of(std::optional<bool>(), std::optional<std::int32_t>(), std::optional<std::int64_t>(),
                           std::optional<double>(), std::optional<std::string>(), std::optional<Uuid>(),
                           std::optional<Timestamp>(), std::optional<Bytes>()));
  for (int column = 0; column < 8; ++column) EXPECT_TRUE(nulls[0].is_null(column)) << column;
  EXPECT_EQ(nulls[0].get<std::optional<std::string>>(4), std::nullopt);
  EXPECT_EQ(nulls[0].get<std::optional<UserId>>(5), std::nullopt);
  const Rows empty = ask(
      echo, Params::of(false, 0, std::int64_t{0}, 0.0, std::optional<std::string>(""), Uuid(), Timestamp(), Bytes()));
  EXPECT_EQ(empty[0].get<std::optional<std::string>>(4), "");
  EXPECT_EQ(empty[0].get<Bytes>(7), Bytes());
  EXPECT_EQ(empty[0].get<Timestamp>(6), Timestamp());
}

TEST_F(LinkTest, RefusesToReadAColumnAsAnotherType) {
  const Rows rows =
      ask(echo, Params::of(true, 1, std::int64_t{1}, 0.1, "x", Uuid(), Timestamp(), std::optional<Bytes>()));
  const auto is_bug = [](const std::function<void()>& read) {
    const Fault fault = fault_of(read);
    EXPECT_EQ(fault.kind(), FaultKind::programming);
    EXPECT_EQ(fault.statement(), "test.echo");
  };
  is_bug([&] { (void)rows[0].get<std::int64_t>(1); });  // int4
  is_bug([&] { (void)rows[0].get<std::string>(1); });
  is_bug([&] { (void)rows[0].get<Bytes>(7); });  // NULL
  is_bug([&] { (void)rows[0].get<bool>(8); });   // no such column
  is_bug([&] { (void)rows[1].get<bool>(0); });   // no such row
  is_bug([&] { (void)rows[0].view(2); });
  constexpr Statement infinity{"test.infinity", "SELECT 'infinity'::timestamptz"};
  const Rows endless = ask(infinity);
  EXPECT_EQ(fault_of([&] { (void)endless[0].get<Timestamp>(0); }).statement(), "test.infinity");
}

TEST_F(LinkTest, ReadsTheTextTypesOfColumns) {
  constexpr Statement texts{"test.texts", "SELECT 'a'::varchar(5), 'b'::char(3), 'c'::name"};
  const Rows rows = ask(texts);
  EXPECT_EQ(rows[0].get<std::string>(0), "a");
  EXPECT_EQ(rows[0].get<std::string>(1), "b  ");
  EXPECT_EQ(rows[0].get<std::string>(2), "c");
}

TEST_F(LinkTest, PassesArraysOfEveryType) {
  constexpr Statement sizes{"test.arrays", R"sql(
      SELECT array_length($1::boolean[], 1), $2::int4[] = ARRAY[1,-2], $3::int8[] = ARRAY[3::int8], $4::float8[] = ARRAY[0.5::float8],
             array_to_string($5::text[], '|'), cardinality($6::uuid[]), $7::timestamptz[] = ARRAY['2026-01-31 12:00:00.125Z'::timestamptz],
             $8::bytea[] = ARRAY['\x00ff'::bytea], cardinality($9::text[]))sql"};
  Params params;
  params.add_array(std::vector<bool>{true, false, true});
  params.add_array(std::vector<std::int32_t>{1, -2});
  params.add_array(std::vector<std::int64_t>{3});
  params.add_array(std::vector<double>{0.5});
  params.add_array(std::vector<std::string>{"a", "", "grüße"});
  params.add_array(std::vector<UserId>{UserId(Uuid::v4()), UserId(Uuid::v4())});
  params.add_array(std::vector<Timestamp>{*parse_iso8601("2026-01-31T12:00:00.125Z")});
  params.add_array(std::vector<Bytes>{{0, 255}});
  params.add_array(std::vector<std::string>{});
  const Rows rows = ask(sizes, std::move(params));
  EXPECT_EQ(rows[0].get<std::int32_t>(0), 3);
  EXPECT_TRUE(rows[0].get<bool>(1));
  EXPECT_TRUE(rows[0].get<bool>(2));
  EXPECT_TRUE(rows[0].get<bool>(3));
  EXPECT_EQ(rows[0].get<std::string>(4), "a||grüße");
  EXPECT_EQ(rows[0].get<std::int32_t>(5), 2);
  EXPECT_TRUE(rows[0].get<bool>(6));
  EXPECT_TRUE(rows[0].get<bool>(7));
  EXPECT_EQ(rows[0].get<std::int32_t>(8), 0);
}

TEST_F(LinkTest, InsertsTheRowsOfColumnsInOneStatement) {
  script("CREATE TABLE t (n int4, name text, at timestamptz)");
  Columns first;
  first.add_row(std::int32_t{1}, std::optional<std::string>("one"), Timestamp(1ms));
  first.add_row(std::int32_t{2}, std::optional<std::string>(), Timestamp(2ms));
  Columns more;
  more.append(first);
  more.add_row(std::int32_t{3}, std::optional<std::string>(""), Timestamp(3ms));
  EXPECT_EQ(more.row_count(), 3U);
  constexpr Statement insert{"test.insert",
                             "INSERT INTO t SELECT * FROM unnest($1::int4[], $2::text[], $3::timestamptz[])"};
  EXPECT_EQ(ask(insert, more.params()).affected(), 3);
  constexpr Statement list{"test.list", "SELECT n, name, at FROM t ORDER BY n"};
  std::vector<std::optional<std::string>> names;
  for (const Row row : ask(list)) names.push_back(row.get<std::optional<std::string>>(1));
  EXPECT_THAT(names, ElementsAre("one", std::nullopt, ""));
}

TEST_F(LinkTest, AnswersManyCommandsInOrderAndPreparesEachStatementOnce) {
  constexpr Statement number{"test.number", "SELECT $1::int4"};
  std::vector<Command> list;
  for (std::int32_t i = 0; i < 50; ++i) list.push_back({&number, Params::of(i)});
  const std::vector<Rows> rows = run(std::move(list));
  ASSERT_EQ(rows.size(), 50U);
  for (std::int32_t i = 0; i < 50; ++i) EXPECT_EQ(rows[static_cast<std::size_t>(i)][0].get<std::int32_t>(0), i);
  constexpr Statement prepared{"test.prepared",
                               "SELECT count(*)::int4 FROM pg_prepared_statements WHERE name = 'test.number'"};
  EXPECT_EQ(ask(prepared)[0].get<std::int32_t>(0), 1);
  EXPECT_TRUE(run({}).empty());
}

// 1000 commands of 20 kB each and answers as large: both directions exceed every socket buffer, so a side that only
// writes or only reads waits for ever.
TEST_F(LinkTest, DoesNotDeadlockOnATripLargerThanTheSocketBuffers) {
  constexpr Statement large{"test.large", "SELECT $1::text, repeat('y', 20000)"};
  const std::string text(20'000, 'x');
  std::vector<Command> list;
  for (int i = 0; i < 1000; ++i) list.push_back({&large, Params::of(text)});
  const std::vector<Rows> rows = run(std::move(list));
  ASSERT_EQ(rows.size(), 1000U);
  for (const Rows& answer : rows) {
    ASSERT_EQ(answer[0].view(0).size(), 20'000U);
    ASSERT_EQ(answer[0].view(1).size(), 20'000U);
  }
}

TEST_F(LinkTest, NamesStatementAndConstraintAndRepeatsNoValue) {
  script(
      "CREATE TABLE people (id int4 CONSTRAINT people_key PRIMARY KEY, age int4 CONSTRAINT age_is_real CHECK (age > "
      "0))");
  constexpr Statement insert{"test.insert", "INSERT INTO people VALUES ($1, $2)"};
  ask(insert, Params::of(4711, 30));
  const Fault twice = fault_of([&] { ask(insert, Params::of(4711, 30)); });
  EXPECT_EQ(twice.kind(), FaultKind::constraint);
  EXPECT_EQ(twice.sqlstate(), "23505");
  EXPECT_EQ(twice.statement(), "test.insert");
  EXPECT_EQ(twice.constraint(), "people_key");
  EXPECT_FALSE(twice.outcome_unknown());
  EXPECT_THAT(twice.what(), Not(HasSubstr("4711")));
  EXPECT_EQ(fault_of([&] { ask(insert, Params::of(1, -1)); }).constraint(), "age_is_real");
  EXPECT_EQ(ask(one)[0].get<std::int32_t>(0), 1);
}

TEST_F(LinkTest, StaysUsableAfterAnErrorInTheMiddleOfATrip) {
  constexpr Statement divide{"test.divide", "SELECT 1 / $1::int4"};
  constexpr Statement later{"test.later", "SELECT 2::int4"};
  const Fault fault = fault_of([&] {
    run(commands(
        {{&begin_statement, {}}, {&one, {}}, {&divide, Params::of(0)}, {&later, {}}, {&commit_statement, {}}}));
  });
  EXPECT_EQ(fault.kind(), FaultKind::programming);
  EXPECT_EQ(fault.sqlstate(), "22012");
  EXPECT_EQ(fault.statement(), "test.divide");
  EXPECT_TRUE(link_.is_connected());
  EXPECT_TRUE(link_.in_transaction());
  run(commands({{&rollback_statement, {}}}));
  EXPECT_FALSE(link_.in_transaction());
  // `later` and COMMIT were prepared behind the error, so they were not: they must be prepared now.
  const auto rows =
      run(commands({{&begin_statement, {}}, {&later, {}}, {&divide, Params::of(1)}, {&commit_statement, {}}}));
  EXPECT_EQ(rows[1][0].get<std::int32_t>(0), 2);
  EXPECT_EQ(rows[2][0].get<std::int32_t>(0), 1);
}

TEST_F(LinkTest, PreparesAgainAfterAFailedPrepare) {
  constexpr Statement missing{"test.missing", "SELECT n FROM not_yet"};
  EXPECT_EQ(fault_of([&] { ask(missing); }).sqlstate(), "42P01");
  script("CREATE TABLE not_yet (n int4)");
  EXPECT_TRUE(ask(missing).empty());
}

TEST_F(LinkTest, RefusesOneNameForTwoTextsOrTwoTypes) {
  constexpr Statement text{"test.same", "SELECT $1::text"};
  constexpr Statement other{"test.same", "SELECT $1::text || 'x'"};
  ask(text, Params::of("a"));
  EXPECT_EQ(fault_of([&] { ask(other, Params::of("a")); }).kind(), FaultKind::programming);
  EXPECT_EQ(fault_of([&] { ask(text, Params::of(1)); }).kind(), FaultKind::programming);
  constexpr Statement fresh{"test.fresh", "SELECT 3::int4"};
  EXPECT_EQ(fault_of([&] { run(commands({{&fresh, {}}, {&other, Params::of("a")}})); }).statement(), "test.same");
  EXPECT_EQ(ask(fresh)[0].get<std::int32_t>(0), 3);
  EXPECT_EQ(ask(text, Params::of("b"))[0].get<std::string>(0), "b");
}

TEST_F(LinkTest, ReportsAConstraintThatIsCheckedAtTheEnd) {
  script(
      "CREATE TABLE parent (id int4 PRIMARY KEY); CREATE TABLE child (id int4 CONSTRAINT child_parent "
      "REFERENCES parent DEFERRABLE INITIALLY DEFERRED)");
  constexpr Statement insert{"test.insert", "INSERT INTO child VALUES (1)"};
  EXPECT_EQ(fault_of([&] { ask(insert); }).constraint(), "child_parent");  // at the Sync
  const Fault at_commit =
      fault_of([&] { run(commands({{&begin_statement, {}}, {&insert, {}}, {&commit_statement, {}}})); });
  EXPECT_EQ(at_commit.constraint(), "child_parent");
  EXPECT_FALSE(link_.in_transaction());
  EXPECT_EQ(ask(one).size(), 1U);
}

TEST_F(LinkTest, ReportsACommitThatTheServerTurnedIntoARollback) {
  constexpr Statement fail{"test.fail", "SELECT 1/0"};
  fault_of([&] { run(commands({{&begin_statement, {}}, {&fail, {}}})); });
  const Fault fault = fault_of([&] { run(commands({{&commit_statement, {}}})); });
  EXPECT_EQ(fault.sqlstate(), "25P02");
  EXPECT_FALSE(link_.in_transaction());
}

TEST_F(LinkTest, ReportsAStatementThatTookTooLong) {
  const auto link = connect_another({{"statement_timeout", "50"}});
  constexpr Statement sleep{"test.sleep", "SELECT pg_sleep(20)::text"};
  const Fault fault = fault_of([&] { loop_.run(link->run(commands({{&sleep, {}}}))); });
  EXPECT_EQ(fault.kind(), FaultKind::timeout);
  EXPECT_EQ(fault.sqlstate(), "57014");
  EXPECT_TRUE(link->is_connected());
}

TEST_F(LinkTest, ReportsALostConnectionAndWhetherTheOutcomeIsKnown) {
  struct Case {
    const char* name;
    bool in_transaction;
    bool with_commit;
    bool is_unknown;
  };
  constexpr Statement terminate{"test.terminate", "SELECT pg_terminate_backend(pg_backend_pid())::text"};
  for (const Case& each : {Case{"alone", false, false, true}, Case{"inside a transaction", true, false, false},
                           Case{"with its commit", true, true, true}}) {
    SCOPED_TRACE(each.name);
    const auto link = connect_another();
    std::vector<Command> list;
    if (each.in_transaction) list.push_back({&begin_statement, {}});
    list.push_back({&terminate, {}});
    if (each.with_commit) list.push_back({&commit_statement, {}});
    const Fault fault = fault_of([&] { loop_.run(link->run(std::move(list))); });
    EXPECT_EQ(fault.kind(), FaultKind::unavailable);
    EXPECT_EQ(fault.sqlstate(), "57P01");
    EXPECT_EQ(fault.outcome_unknown(), each.is_unknown);
    EXPECT_FALSE(link->is_connected());
    EXPECT_EQ(fault_of([&] { loop_.run(link->run(commands({{&one, {}}}))); }).kind(), FaultKind::unavailable);
    loop_.run(link->connect());
    EXPECT_EQ(loop_.run(link->run(commands({{&one, {}}}))).size(), 1U);
  }
}

TEST_F(LinkTest, NoticesThatAnIdleConnectionWasEnded) {
  const auto link = connect_another();
  constexpr Statement pid{"test.pid", "SELECT pg_backend_pid()"};
  const std::int32_t backend = loop_.run(link->run(commands({{&pid, {}}}))).front()[0].get<std::int32_t>(0);
  EXPECT_TRUE(link->is_quiet());
  database_.run_as_superuser("SELECT pg_terminate_backend(" + std::to_string(backend) + ", 10000)");
  EXPECT_FALSE(link->is_quiet());
}

TEST_F(LinkTest, SetsWhatEverySessionNeeds) {
  const auto link = connect_another({{"plan_cache_mode", "force_generic_plan"}, {"statement_timeout", "1234"}});
  constexpr Statement settings{"test.settings", R"sql(
      SELECT current_setting('TimeZone'), current_setting('synchronous_commit'), current_setting('client_min_messages'),
             current_setting('plan_cache_mode'), current_setting('statement_timeout'), current_setting('application_name'))sql"};
  const Rows rows = loop_.run(link->run(commands({{&settings, {}}}))).front();
  std::vector<std::string> values;
  for (int column = 0; column < 6; ++column) values.push_back(rows[0].get<std::string>(column));
  EXPECT_THAT(values, ElementsAre("UTC", "on", "warning", "force_generic_plan", "1234ms", "mcp-messenger"));
}

TEST_F(LinkTest, RefusesToWorkWithoutDurableCommits) {
  Link link(loop_.executor(), database_.owner_address(), {{"synchronous_commit", "off"}});
  EXPECT_EQ(fault_of([&] { loop_.run(link.connect()); }).statement(), "synchronous_commit");
  EXPECT_FALSE(link.is_connected());
}

TEST_F(LinkTest, SaysWhyItCannotConnect) {
  const auto fault_at = [this](Address address, Link::SessionSettings settings = {}) {
    Link link(loop_.executor(), std::move(address), std::move(settings));
    const Fault fault = fault_of([&] { loop_.run(link.connect()); });
    EXPECT_EQ(fault.kind(), FaultKind::unavailable);
    EXPECT_FALSE(link.is_connected());
    return fault.sqlstate();
  };
  Address unknown_database = database_.owner_address();
  unknown_database.database = "no_such_database";
  EXPECT_EQ(fault_at(std::move(unknown_database)), "3D000");
  Address unknown_role = database_.owner_address();
  unknown_role.user = "no_such_role";
  EXPECT_EQ(fault_at(std::move(unknown_role)), "28000");
  Address nobody_there = database_.owner_address();
  nobody_there.host = "/nonexistent";
  EXPECT_EQ(fault_at(std::move(nobody_there)), "");
  Address closed_port = database_.owner_address();
  closed_port.host = "localhost";  // a name, so it is looked up
  closed_port.port = 1;
  EXPECT_EQ(fault_at(std::move(closed_port)), "");
  EXPECT_EQ(fault_at(database_.owner_address(), {{"no_such_setting", "1"}}), "42704");
}

TEST_F(LinkTest, RunsScriptsAndSaysInWhichLineTheyFailed) {
  script("CREATE TABLE t (n int4);\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2)");
  const Fault fault =
      fault_of([&] { script("-- grüße\nINSERT INTO t VALUES (3);\nINSERT INTO\n  missing VALUES (1)"); });
  EXPECT_EQ(fault.sqlstate(), "42P01");
  EXPECT_EQ(fault.statement(), "script:4");
  EXPECT_TRUE(link_.is_connected());
  constexpr Statement count{"test.count", "SELECT count(*) FROM t"};
  EXPECT_EQ(ask(count)[0].get<std::int64_t>(0), 2);
}

TEST_F(LinkTest, HearsNotifications) {
  script("LISTEN revoked; LISTEN changed");
  EXPECT_TRUE(loop_.run(link_.wait_for_notification(10ms)).empty());
  EXPECT_EQ(ask(one).size(), 1U);  // LISTEN does not end the use for queries
  database_.run_as_superuser("NOTIFY revoked");
  EXPECT_THAT(loop_.run(link_.wait_for_notification(20s)), ElementsAre("revoked"));
  database_.run_as_superuser("NOTIFY changed; NOTIFY elsewhere");
  EXPECT_EQ(ask(one).size(), 1U);
  EXPECT_THAT(loop_.run(link_.wait_for_notification(20s)), ElementsAre("changed"));
}

TEST_F(LinkTest, StopsWaitingForNotificationsWhenTheConnectionIsLost) {
  script("LISTEN revoked");
  database_.run_as_superuser(
      "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
      "pg_backend_pid()");
  const auto wait = [&] {
    while (true) loop_.run(link_.wait_for_notification(20s));
  };
  EXPECT_EQ(fault_of(wait).kind(), FaultKind::unavailable);
  EXPECT_FALSE(link_.is_connected());
}

Task<> sleep_on(Link* link, bool* ended_with_fault) {
  static constexpr Statement sleep{"test.sleep", "SELECT pg_sleep(20)::text"};
  std::vector<Command> list;
  list.push_back({&sleep, {}});
  try {
    co_await link->run(std::move(list));
  } catch (const Fault& fault) {
    *ended_with_fault = fault.kind() == FaultKind::unavailable;
  }
}

TEST_F(LinkTest, EndsAWaitingTripWhenItIsClosed) {
  bool ended_with_fault = false;
  loop_.start(sleep_on(&link_, &ended_with_fault));
  for (int turn = 0; turn < 3; ++turn) loop_.context().poll_one();
  link_.close();
  loop_.context().restart();
  loop_.context().run();
  EXPECT_TRUE(ended_with_fault);
}

TEST_F(LinkTest, IsNotReusedAfterItsTripWasCancelled) {
  asio::cancellation_signal signal;
  bool is_done = false;
  bool ended_with_fault = false;
  asio::co_spawn(loop_.executor(), sleep_on(&link_, &ended_with_fault),
                 asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr&) { is_done = true; }));
  for (int turn = 0; turn < 3; ++turn) loop_.context().poll_one();
  EXPECT_FALSE(is_done);
  signal.emit(asio::cancellation_type::terminal);
  loop_.context().restart();
  loop_.context().run();
  EXPECT_TRUE(is_done);
  EXPECT_FALSE(link_.is_connected());
}

// A server that is there but says nothing: a stopped process, a firewall that drops packets.
TEST_F(LinkTest, GivesUpOnASilentServer) {
  test::Proxy proxy(loop_, database_.owner_address());
  Link link(loop_.executor(), proxy.address(), {{"statement_timeout", "100"}});
  loop_.run(link.connect());
  EXPECT_EQ(loop_.run(link.run(commands({{&one, {}}}))).size(), 1U);
  proxy.go_silent();
  const Fault fault = fault_of([&] { loop_.run(link.run(commands({{&one, {}}}))); });
  EXPECT_EQ(fault.kind(), FaultKind::unavailable);
  EXPECT_TRUE(fault.outcome_unknown());
  EXPECT_FALSE(link.is_connected());

  Address impatient = proxy.address();
  impatient.connect_timeout = 50ms;
  Link unanswered(loop_.executor(), std::move(impatient), {});
  EXPECT_EQ(fault_of([&] { loop_.run(unanswered.connect()); }).kind(), FaultKind::unavailable);
}

TEST_F(LinkTest, FindsTheConnectionCutOnTheWay) {
  test::Proxy proxy(loop_, database_.owner_address());
  Link link(loop_.executor(), proxy.address(), {});
  loop_.run(link.connect());
  proxy.cut();
  EXPECT_FALSE(link.is_quiet());
  EXPECT_EQ(fault_of([&] { loop_.run(link.run(commands({{&one, {}}}))); }).kind(), FaultKind::unavailable);
  loop_.run(link.connect());
  EXPECT_EQ(loop_.run(link.run(commands({{&one, {}}}))).size(), 1U);
}

}  // namespace
}  // namespace mcp::db
