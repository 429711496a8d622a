// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the promises everything else stands on: what is acknowledged is committed with its audit entry, a unit that
// breaks does not take others with it, numbers have no gap, one-time acts happen once, and nothing is written when the
// trail cannot be.
#include "ledger/ledger.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <mutex>

#include "db/database.hpp"
#include "db/migrations.hpp"
#include "support/database.hpp"
#include "support/proxy.hpp"

namespace mcp::ledger {
namespace {

const ChannelId general = *ChannelId::parse("00000000-0000-0000-0000-000000000001");

constexpr Write insert_setting{{"test.insert_setting", R"sql(
    INSERT INTO settings (key, value, version) SELECT key, '1'::jsonb, 1 FROM unnest($1::text[]) AS s(key))sql"},
                               1};
constexpr Lookup find_setting{{"test.find_setting", R"sql(
    SELECT asked.unit, s.key FROM unnest($1::int4[], $2::text[]) AS asked(unit, key) JOIN settings s USING (key))sql"},
                              1};

Entry note(std::string_view action = "user_viewed") {
  return {.action = action,
          .severity = Severity::info,
          .outcome = Outcome::success,
          .user = {},
          .session = {},
          .origin = {.ip_address = "192.0.2.7", .user_agent = "test \"agent\"\u00e9", .request_id = "request-1"},
          .details = R"({"count":1})"};
}

// Takes the next seq of General and remembers it; writes a setting when it has a name for one.
class TakeSeq : public Unit {
 public:
  explicit TakeSeq(std::string setting = {}, std::string exclusive = {}, std::string order = {})
      : setting_(std::move(setting)), exclusive_(std::move(exclusive)), order_(std::move(order)) {}

  void acquire(Acquisition& acquisition) const override {
    acquisition.lock_channel(general);
    if (!setting_.empty()) acquisition.ask(find_setting, setting_);
  }
  void build(Work& work) override {
    found = !setting_.empty() && !work.answers(find_setting).empty();
    if (fails) throw std::runtime_error("broken on purpose");
    if (found && !insists) return;
    numbers = work.take_seq_and_rev(general);
    if (!setting_.empty()) work.write(insert_setting, setting_);
    work.audit(note());
  }
  void committed() override {
    if (on_committed) on_committed();
  }
  std::vector<std::string> exclusive_keys() const override {
    return exclusive_.empty() ? std::vector<std::string>{} : std::vector<std::string>{exclusive_};
  }
  std::string order_key() const override { return order_; }

  bool fails = false;
  bool insists = false;  // writes although it found the setting: violates the primary key
  bool found = false;
  ChannelNumbers numbers;
  std::function<void()> on_committed;

 private:
  std::string setting_;
  std::string exclusive_;
  std::string order_;
};

class LedgerTest : public testing::Test {
 protected:
  ChainIdentity identity() const {
    return {.chain = chain_, .instance_name = "test", .hostname = "host", .process_id = 42, .instance_lock = {}};
  }
  std::unique_ptr<Ledger> start(ChainIdentity who) {
    auto ledger = std::make_unique<Ledger>(loop_.executor(), database_.address(), std::move(who), system_now);
    run(ledger->start());
    return ledger;
  }
  void run(Task<> task) { loop_.run(std::move(task)); }

  // Commits all of them at once; true = committed, per unit.
  std::vector<bool> commit_together(Ledger& ledger, const std::vector<std::shared_ptr<TakeSeq>>& units) {
    std::vector<bool> done(units.size(), false);
    std::size_t left = units.size();
    for (std::size_t i = 0; i < units.size(); ++i) {
      asio::co_spawn(loop_.executor(), ledger.commit(units[i]), [&done, &left, i](std::exception_ptr why) {
        done[i] = !why;
        --left;
      });
    }
    loop_.context().restart();
    while (left > 0 && loop_.context().run_one() > 0) {
    }
    return done;
  }
  void execute(const std::string& query) { database_.run_as_superuser(query); }
  // One value as text; the query is wrapped because answers are read as text only.
  std::string sql(const std::string& query) {
    return database_.ask_as_superuser("SELECT answer::text FROM (" + query + ") AS q(answer)");
  }
  std::int64_t number(const std::string& query) { return std::stoll(sql(query)); }

  test::TestDatabase database_;
  test::Loop loop_;
  ChainId chain_{Uuid::v4()};
};

TEST_F(LedgerTest, StartsItsChainOnceAndContinuesIt) {
  auto first = start(identity());
  run(first->commit(std::make_shared<AuditUnit>(note())));
  run(first->stop());
  auto second = start(identity());
  run(second->commit(std::make_shared<AuditUnit>(note())));
  run(second->stop());
  EXPECT_EQ(sql("SELECT string_agg(seq || ' ' || action, ',' ORDER BY seq) FROM audit_logs"),
            "1 audit_chain_started,2 user_viewed,3 user_viewed");
  EXPECT_EQ(number("SELECT count(*) FROM audit_logs a JOIN audit_logs b ON a.seq = b.seq + 1 WHERE "
                   "a.previous_log_hash <> b.current_log_hash"),
            0);
  EXPECT_EQ(number("SELECT last_seq FROM audit_chains"), 3);
  EXPECT_EQ(sql("SELECT previous_log_hash FROM audit_logs WHERE seq = 1"), std::string(64, '0'));
}

TEST_F(LedgerTest, HashesWhatIsStored) {
  auto ledger = start(identity());
  run(ledger->commit(std::make_shared<AuditUnit>(note())));
  run(ledger->stop());
  // Computed by the database from the stored columns alone: what an outsider with a dump would do.
  EXPECT_EQ(
      sql(R"sql(SELECT encode(sha256(convert_to(E'mcp-audit-v1\n' || '{"action":"' || action || '","chainId":"' || chain_id
      || '","details":' || replace(details::text, ' ', '') || ',"hostname":"' || hostname || '","id":"' || id || '","ipAddress":"'
      || host(ip_address) || '","outcome":"' || outcome || '","previousLogHash":"' || previous_log_hash || '","processId":'
      || process_id || ',"requestId":"' || request_id || '","seq":' || seq || ',"sessionId":null,"severity":"' || severity
      || '","timestamp":"' || to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","userAgent":'
      || to_json(user_agent) || ',"userId":null,"v":1}', 'UTF8')), 'hex') = current_log_hash FROM audit_logs WHERE seq = 2)sql"),
      "true");
}

TEST_F(LedgerTest, NumbersConcurrentUnitsWithoutGapInTheOrderTheyCame) {
  auto ledger = start(identity());
  std::vector<std::shared_ptr<TakeSeq>> units;
  for (int i = 0; i < 600; ++i) units.push_back(std::make_shared<TakeSeq>());
  const auto done = commit_together(*ledger, units);
  for (std::size_t i = 0; i < units.size(); ++i) {
    EXPECT_TRUE(done[i]);
    EXPECT_EQ(units[i]->numbers.seq, static_cast<std::int64_t>(i) + 1);
  }
  EXPECT_EQ(number("SELECT last_seq FROM channels WHERE id = '00000000-0000-0000-0000-000000000001'"), 600);
  EXPECT_EQ(number("SELECT count(*) FROM audit_logs"), 601);
  EXPECT_LT(ledger->stats().batches, 100U);  // they shared transactions
  run(ledger->stop());
}

TEST_F(LedgerTest, FailsOnlyTheUnitThatBreaksAConstraint) {
  auto ledger = start(identity());
  std::vector<std::shared_ptr<TakeSeq>> units;
  for (int i = 0; i < 64; ++i) units.push_back(std::make_shared<TakeSeq>("key-" + std::to_string(i == 40 ? 20 : i)));
  units[40]->insists = true;
  const auto done = commit_together(*ledger, units);
  std::int64_t seq = 0;
  for (std::size_t i = 0; i < units.size(); ++i) {
    EXPECT_EQ(done[i], i != 40) << i;
    if (i != 40) EXPECT_EQ(units[i]->numbers.seq, ++seq) << i;
  }
  EXPECT_EQ(number("SELECT last_seq FROM channels WHERE id = '00000000-0000-0000-0000-000000000001'"), 63);
  EXPECT_EQ(number("SELECT count(*) FROM audit_logs"), 64);
  EXPECT_EQ(
      number("SELECT count(*) FROM audit_logs a WHERE seq > 1 AND previous_log_hash <> (SELECT current_log_hash FROM "
             "audit_logs b WHERE b.seq = a.seq - 1)"),
      0);
  run(ledger->stop());
}

TEST_F(LedgerTest, DropsWhatAUnitWroteBeforeItsBuildThrew) {
  auto ledger = start(identity());
  std::vector<std::shared_ptr<TakeSeq>> units{std::make_shared<TakeSeq>(), std::make_shared<TakeSeq>("never"),
                                              std::make_shared<TakeSeq>()};
  units[1]->fails = true;
  EXPECT_EQ(commit_together(*ledger, units), (std::vector<bool>{true, false, true}));
  EXPECT_EQ(units[2]->numbers.seq, 2);
  EXPECT_EQ(number("SELECT count(*) FROM settings WHERE key = 'never'"), 0);
  run(ledger->stop());
}

TEST_F(LedgerTest, RedeemsAOneTimeThingOnceAmongManyAtOnce) {
  auto ledger = start(identity());
  std::vector<std::shared_ptr<TakeSeq>> units;
  for (int i = 0; i < 50; ++i) units.push_back(std::make_shared<TakeSeq>("once", "once"));
  const auto done = commit_together(*ledger, units);
  EXPECT_EQ(std::count(done.begin(), done.end(), true), 50);  // an answer for each, no fault
  EXPECT_EQ(std::count_if(units.begin(), units.end(), [](const auto& unit) { return !unit->found; }), 1);
  run(ledger->stop());
}

TEST_F(LedgerTest, FailsWhatOneSenderSentBehindAFailedUnit) {
  auto ledger = start(identity());
  run(ledger->commit(std::make_shared<TakeSeq>("taken")));
  std::vector<std::shared_ptr<TakeSeq>> units{
      std::make_shared<TakeSeq>("", "", "amara"), std::make_shared<TakeSeq>("taken", "", "amara"),
      std::make_shared<TakeSeq>("", "", "amara"), std::make_shared<TakeSeq>("", "", "bertil"),
      std::make_shared<TakeSeq>("", "", "amara")};
  units[1]->insists = true;
  EXPECT_EQ(commit_together(*ledger, units), (std::vector<bool>{true, false, false, true, false}));
  // Told of the failure, the sender goes on.
  EXPECT_EQ(commit_together(*ledger, {std::make_shared<TakeSeq>("", "", "amara")}), std::vector<bool>{true});
  run(ledger->stop());
}

TEST_F(LedgerTest, CallsCommittedInOrderAndBeforeTheWaiterResumes) {
  auto ledger = start(identity());
  std::vector<std::string> calls;
  std::vector<std::shared_ptr<TakeSeq>> units{std::make_shared<TakeSeq>(), std::make_shared<TakeSeq>()};
  units[0]->on_committed = [&] { calls.emplace_back("first committed"); };
  units[1]->on_committed = [&] { calls.emplace_back("second committed"); };
  bool resumed = false;
  asio::co_spawn(loop_.executor(), ledger->commit(units[0]),
                 [&](std::exception_ptr) { calls.emplace_back("first resumed"); });
  asio::co_spawn(loop_.executor(), ledger->commit(units[1]), [&](std::exception_ptr) { resumed = true; });
  loop_.context().restart();
  while (!resumed && loop_.context().run_one() > 0) {
  }
  ASSERT_GE(calls.size(), 3U);
  EXPECT_LT(std::find(calls.begin(), calls.end(), "first committed"),
            std::find(calls.begin(), calls.end(), "second committed"));
  EXPECT_LT(std::find(calls.begin(), calls.end(), "first committed"),
            std::find(calls.begin(), calls.end(), "first resumed"));
  run(ledger->stop());
}

TEST_F(LedgerTest, RefusesActsWhenTheTrailCannotBeWrittenAndRecovers) {
  auto ledger = start(identity());
  execute("REVOKE INSERT ON audit_logs FROM " + std::string(test::TestDatabase::serving_role));
  EXPECT_EQ(commit_together(*ledger, {std::make_shared<TakeSeq>("unaudited")}), std::vector<bool>{false});
  EXPECT_EQ(number("SELECT count(*) FROM settings WHERE key = 'unaudited'"), 0);
  EXPECT_EQ(number("SELECT last_seq FROM channels WHERE id = '00000000-0000-0000-0000-000000000001'"), 0);
  EXPECT_FALSE(ledger->stats().is_writable);
  execute("GRANT INSERT ON audit_logs TO " + std::string(test::TestDatabase::serving_role));
  EXPECT_EQ(commit_together(*ledger, {std::make_shared<TakeSeq>("audited")}), std::vector<bool>{true});
  EXPECT_TRUE(ledger->stats().is_writable);
  run(ledger->stop());
}

TEST_F(LedgerTest, WritesAgainAfterItsConnectionWasKilled) {
  auto ledger = start(identity());
  run(ledger->commit(std::make_shared<TakeSeq>()));
  execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" +
          std::string(test::TestDatabase::serving_role) + "'");
  // Nothing had been asked to commit when the loss was noticed: the unit is tried again on a new connection.
  EXPECT_EQ(commit_together(*ledger, {std::make_shared<TakeSeq>()}), std::vector<bool>{true});
  EXPECT_EQ(commit_together(*ledger, {std::make_shared<TakeSeq>()}), std::vector<bool>{true});
  EXPECT_EQ(number("SELECT last_seq FROM channels WHERE id = '00000000-0000-0000-0000-000000000001'"),
            number("SELECT count(*) FROM audit_logs WHERE action = 'user_viewed'"));
  run(ledger->stop());
}

// A database whose COMMIT takes half a second, and a ledger that reaches it through a network that can break meanwhile.
class LedgerInDoubt : public LedgerTest {
 protected:
  LedgerInDoubt() {
    execute(
        "CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$");
    execute(
        "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON audit_logs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
        "WHEN (NEW.seq > 1) EXECUTE FUNCTION slow_commit()");
  }
  // Starts to commit the unit and returns when the database is in the middle of its COMMIT.
  void begin_commit(const std::shared_ptr<TakeSeq>& unit) {
    asio::co_spawn(loop_.executor(), ledger_.commit(unit), [this](std::exception_ptr why) { is_committed_ = !why; });
    loop_.run_until_true([this] { return number(sleeping) == 1; });
  }
  bool outcome() {
    loop_.run_until_true([this] { return is_committed_.has_value(); });
    return *is_committed_;
  }

  static constexpr const char* sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
  test::Proxy proxy_{loop_, database_.address()};
  Ledger ledger_{loop_.executor(), proxy_.address(), identity(), system_now};
  std::optional<bool> is_committed_;
};

TEST_F(LedgerInDoubt, AnswersACommitThatTookPlaceAlthoughItsAnswerWasLost) {
  run(ledger_.start());
  const auto unit = std::make_shared<TakeSeq>();
  int times_committed = 0;
  unit->on_committed = [&] { ++times_committed; };
  begin_commit(unit);
  proxy_.cut();
  EXPECT_TRUE(outcome()) << "else listeners never hear of it and see a hole in seq";
  EXPECT_EQ(times_committed, 1);
  EXPECT_EQ(number("SELECT count(*) FROM audit_logs WHERE action = 'user_viewed'"), 1);
  run(ledger_.stop());
}

TEST_F(LedgerInDoubt, CommitsAnewWhatDidNotTakePlace) {
  run(ledger_.start());
  const auto unit = std::make_shared<TakeSeq>();
  begin_commit(unit);
  execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
  EXPECT_TRUE(outcome());
  EXPECT_EQ(unit->numbers.seq, 1);
  EXPECT_EQ(number("SELECT count(*) FROM audit_logs WHERE action = 'user_viewed'"), 1);
  run(ledger_.stop());
}

TEST_F(LedgerTest, FailsWhatOneSenderQueuedBeforeItKnewOfAFailure) {
  auto ledger = start(identity());
  const auto broken = std::make_shared<TakeSeq>("", "alone", "amara");
  broken->fails = true;
  // The same exclusive key: it waits for the next batch, in which nothing fails any more.
  const auto behind = std::make_shared<TakeSeq>("", "alone", "amara");
  const auto other = std::make_shared<TakeSeq>("", "", "ben");
  EXPECT_EQ(commit_together(*ledger, {broken, behind, other}), (std::vector<bool>{false, false, true}));
  EXPECT_EQ(commit_together(*ledger, {std::make_shared<TakeSeq>("", "", "amara")}), std::vector<bool>{true});
  run(ledger->stop());
}

TEST_F(LedgerTest, KeepsTheRestOfASplitBatchBehindAFailedUnit) {
  auto ledger = start(identity());
  run(ledger->commit(std::make_shared<TakeSeq>("taken")));
  std::vector<std::shared_ptr<TakeSeq>> units;
  for (int i = 0; i < 8; ++i) units.push_back(std::make_shared<TakeSeq>("", "", i % 4 == 0 ? "amara" : ""));
  units[0] = std::make_shared<TakeSeq>("taken", "", "amara");
  units[0]->insists = true;  // fails alone, in the first half; the sender hears of it while the second half waits
  EXPECT_EQ(commit_together(*ledger, units), (std::vector<bool>{false, true, true, true, false, true, true, true}));
  run(ledger->stop());
}

TEST_F(LedgerTest, IsWrittenByOneServingInstanceOnly) {
  auto who = identity();
  who.instance_lock = 77;
  auto first = start(who);
  who.chain = ChainId(Uuid::v4());
  Ledger second(loop_.executor(), database_.address(), who, system_now);
  EXPECT_THROW(run(second.start()), AlreadyServed);
  run(first->stop());
  run(second.start());
  run(second.stop());
}

TEST_F(LedgerTest, WritesWhatIsQueuedBeforeItStopsAndNothingAfter) {
  auto ledger = start(identity());
  for (int i = 0; i < 300; ++i) ledger->submit(std::make_shared<TakeSeq>());
  run(ledger->stop());
  EXPECT_EQ(number("SELECT last_seq FROM channels WHERE id = '00000000-0000-0000-0000-000000000001'"), 300);
  EXPECT_EQ(commit_together(*ledger, {std::make_shared<TakeSeq>()}), std::vector<bool>{false});
}

}  // namespace
}  // namespace mcp::ledger
