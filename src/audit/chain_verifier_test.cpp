// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the trail: whatever somebody with full rights on the database changes in a chain, the verifier says where.
#include "audit/chain_verifier.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "audit/details_json.hpp"
#include "audit/events.hpp"
#include "db/database.hpp"
#include "ledger/ledger.hpp"
#include "support/database.hpp"

namespace mcp::audit {
namespace {

class ChainVerifierTest : public testing::Test {
 public:
  ChainVerifierTest() {
    loop.run(pool.start());
    loop.run(ledger.start());  // entry 1: audit_chain_started
    for (int i = 2; i <= 6; ++i) append();
  }
  ~ChainVerifierTest() override {
    loop.run(ledger.stop());
    loop.run(pool.stop());
  }

 protected:
  void append() {
    Details details = Details().number("count", 4).word("filters", "\u00e9 \"quoted\"\n").flag("ok", true).null("none");
    const Origin origin{.ip_address = "192.0.2.7", .user_agent = "", .request_id = "r-1"};
    loop.run(ledger.commit(
        std::make_shared<ledger::AuditUnit>(entry("audit_read", std::nullopt, origin, std::move(details)))));
  }
  // As a superuser who first switches off the triggers.
  void tamper(const std::string& statement) {
    database.run_as_superuser("ALTER TABLE audit_logs DISABLE TRIGGER ALL;" + statement);
  }
  ChainReport verify() {
    const auto reports = loop.run(ChainVerifier(store).verify_all());
    EXPECT_EQ(reports.size(), 1U);
    return reports.front();
  }

  test::TestDatabase database;
  test::Loop loop;
  db::Database pool{loop.executor(), database.address(), {.min_connections = 1, .max_connections = 2}};
  ledger::Ledger ledger{loop.executor(),
                        database.address(),
                        {.chain = ChainId(Uuid::v4()),
                         .instance_name = "test",
                         .hostname = "host-\"1\"",
                         .process_id = 42,
                         .instance_lock = std::nullopt},
                        system_now};
  ChainStore store{pool};
};

TEST_F(ChainVerifierTest, AcceptsWhatTheLedgerWrote) {
  const auto report = verify();
  EXPECT_TRUE(report.is_ok());
  EXPECT_EQ(report.count, 6);
  EXPECT_EQ(report.last_seq, 6);
}

TEST_F(ChainVerifierTest, GoesOnOverSeveralPages) {
  // More entries than one page holds, so a mistake at a page boundary shows.
  for (int i = 0; i < 2100; ++i) ledger.submit(std::make_shared<ledger::AuditUnit>(server_entry("audit_read", {})));
  append();
  const auto report = verify();
  EXPECT_TRUE(report.is_ok());
  EXPECT_EQ(report.count, 2107);
}

struct Tampering {
  const char* name;
  const char* statement;
  ChainFault fault;
  std::int64_t seq;
};
class Tamperings : public ChainVerifierTest, public testing::WithParamInterface<Tampering> {};

TEST_P(Tamperings, AreFound) {
  tamper(GetParam().statement);
  const auto report = verify();
  ASSERT_TRUE(report.first_problem);
  EXPECT_EQ(name(report.first_problem->fault), name(GetParam().fault));
  EXPECT_EQ(report.first_problem->seq, GetParam().seq);
}

INSTANTIATE_TEST_SUITE_P(
    , Tamperings,
    testing::Values(
        Tampering{"action", "UPDATE audit_logs SET action = 'audit_verified' WHERE seq = 3", ChainFault::hash, 3},
        Tampering{"id", "UPDATE audit_logs SET id = gen_random_uuid() WHERE seq = 3", ChainFault::hash, 3},
        Tampering{"time", "UPDATE audit_logs SET timestamp = timestamp + interval '1 ms' WHERE seq = 3",
                  ChainFault::hash, 3},
        Tampering{"severity", "UPDATE audit_logs SET severity = 'notice' WHERE seq = 3", ChainFault::hash, 3},
        Tampering{"outcome", "UPDATE audit_logs SET outcome = 'denied' WHERE seq = 3", ChainFault::hash, 3},
        Tampering{"address", "UPDATE audit_logs SET ip_address = '192.0.2.8' WHERE seq = 3", ChainFault::hash, 3},
        Tampering{"no_address", "UPDATE audit_logs SET ip_address = NULL WHERE seq = 3", ChainFault::hash, 3},
        Tampering{"session", "UPDATE audit_logs SET session_id = gen_random_uuid() WHERE seq = 3", ChainFault::hash, 3},
        Tampering{"agent_empty_for_null", "UPDATE audit_logs SET user_agent = '' WHERE seq = 3", ChainFault::hash, 3},
        Tampering{"request", "UPDATE audit_logs SET request_id = 'r-2' WHERE seq = 3", ChainFault::hash, 3},
        Tampering{"host", "UPDATE audit_logs SET hostname = 'other' WHERE seq = 3", ChainFault::hash, 3},
        Tampering{"process", "UPDATE audit_logs SET process_id = 43 WHERE seq = 3", ChainFault::hash, 3},
        Tampering{"details_value", "UPDATE audit_logs SET details = details || '{\"count\":5}' WHERE seq = 3",
                  ChainFault::hash, 3},
        Tampering{"details_fraction", "UPDATE audit_logs SET details = details || '{\"count\":4.0}' WHERE seq = 3",
                  ChainFault::hash, 3},
        Tampering{"details_member", "UPDATE audit_logs SET details = details - 'none' WHERE seq = 3", ChainFault::hash,
                  3},
        Tampering{"details_no_object", "UPDATE audit_logs SET details = '[]' WHERE seq = 3", ChainFault::hash, 3},
        Tampering{"own_hash", "UPDATE audit_logs SET current_log_hash = repeat('a', 64) WHERE seq = 3",
                  ChainFault::hash, 3},
        Tampering{"previous_hash", "UPDATE audit_logs SET previous_log_hash = repeat('a', 64) WHERE seq = 3",
                  ChainFault::order, 3},
        Tampering{"middle_removed", "DELETE FROM audit_logs WHERE seq = 3", ChainFault::gap, 3},
        Tampering{"first_removed", "DELETE FROM audit_logs WHERE seq = 1", ChainFault::gap, 1},
        Tampering{"last_removed", "DELETE FROM audit_logs WHERE seq = 6", ChainFault::truncated, 6},
        Tampering{"all_removed", "DELETE FROM audit_logs", ChainFault::truncated, 1},
        Tampering{"gap_closed",
                  "DELETE FROM audit_logs WHERE seq = 3;"
                  "UPDATE audit_logs SET seq = -seq WHERE seq > 3; UPDATE audit_logs SET seq = -seq - 1 WHERE seq < 0",
                  ChainFault::order, 3},
        Tampering{"content_swapped",
                  "UPDATE audit_logs a SET details = b.details, request_id = 'r-9' FROM audit_logs b "
                  "WHERE a.seq = 3 AND b.seq = 4",
                  ChainFault::hash, 3},
        Tampering{"seq_swapped",
                  "UPDATE audit_logs SET seq = -seq WHERE seq IN (3, 4);"
                  "UPDATE audit_logs SET seq = CASE seq WHEN -3 THEN 4 ELSE 3 END WHERE seq < 0",
                  ChainFault::order, 3},
        Tampering{"last_removed_and_head_set_back",
                  "DELETE FROM audit_logs WHERE seq = 6; UPDATE audit_chains SET last_seq = 5", ChainFault::fork, 5},
        Tampering{"head_set_back",
                  "UPDATE audit_chains SET last_seq = 5, last_hash = (SELECT current_log_hash FROM "
                  "audit_logs WHERE seq = 5)",
                  ChainFault::fork, 6},
        Tampering{"head_removed", "DELETE FROM audit_chains", ChainFault::fork, 6}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(CanonicalDetails, RefusesWhatTheWriterNeverStores) {
  EXPECT_EQ(canonical_details(R"({"b": 1, "a": [true, null, "x"]})"), R"({"a":[true,null,"x"],"b":1})");
  EXPECT_FALSE(canonical_details(R"({"a": 1.5})"));
  EXPECT_FALSE(canonical_details(R"({"a": [9007199254740993]})"));
  EXPECT_FALSE(canonical_details("[1]"));
  EXPECT_FALSE(canonical_details(""));
}

}  // namespace
}  // namespace mcp::audit
