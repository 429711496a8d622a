// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects: a schema that only moves forward, once, whole or not at all, and never over a database that is not ours.
#include "db/migrations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/database.hpp"

namespace mcp::db {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view hash_a = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr std::string_view hash_b = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
constexpr std::string_view hash_c = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";

constexpr Migration first{
    1, "first", "CREATE TABLE a (n int4); INSERT INTO a VALUES (1); GRANT SELECT ON a TO :serving_role", hash_a};
constexpr Migration second{2, "second", "CREATE TABLE b (n int4);\nINSERT INTO b VALUES (1)", hash_b};
constexpr Migration broken{2, "second", "CREATE TABLE b (n int4);\n\nINSERT INTO missing VALUES (1)", hash_c};

class MigrationsTest : public testing::Test {
 protected:
  MigrationsTest() {
    loop_.run(owner_.connect());
    loop_.run(other_.connect());
  }

  std::vector<int> migrate_to(std::vector<Migration> known, int to = 0) {
    return loop_.run(migrate(owner_, std::string(test::TestDatabase::serving_role), "9.9.9", to, known));
  }
  SchemaReport inspect(std::vector<Migration> known) { return loop_.run(inspect_schema(owner_, known)); }
  SchemaState refused(const std::vector<Migration>& known) {
    try {
      migrate_to(known);
    } catch (const SchemaMismatch& mismatch) {
      EXPECT_FALSE(owner_.in_transaction());
      return mismatch.state();
    }
    ADD_FAILURE() << "not refused";
    return SchemaState::current;
  }

  test::TestDatabase database_{test::TestDatabase::Schema::empty};
  test::Loop loop_;
  Link owner_{loop_.executor(), database_.owner_address(), {}};
  Link other_{loop_.executor(), database_.owner_address(), {}};
};

TEST_F(MigrationsTest, AppliesWhatIsPendingOnce) {
  EXPECT_EQ(inspect({first, second}).state, SchemaState::pending);
  EXPECT_THAT(migrate_to({first, second}), ElementsAre(1, 2));
  EXPECT_THAT(migrate_to({first, second}), IsEmpty());
  EXPECT_EQ(database_.ask_as_superuser("SELECT (SELECT count(*) FROM a) || ' ' || (SELECT count(*) FROM b)"), "1 1");
  const SchemaReport report = inspect({first, second});
  EXPECT_EQ(report.state, SchemaState::current);
  ASSERT_EQ(report.migrations.size(), 2U);
  EXPECT_TRUE(report.migrations[1].applied && report.migrations[1].checksum_matches);
  EXPECT_EQ(report.migrations[1].name, "second");
  EXPECT_EQ(database_.ask_as_superuser(
                "SELECT name || ' ' || checksum || ' ' || server_version || ' ' || (duration_ms >= 0) || "
                "' ' || (applied_at > now() - interval '1 hour') FROM schema_migrations WHERE version = 1"),
            "first " + std::string(hash_a) + " 9.9.9 true true");
}

TEST_F(MigrationsTest, StopsAtTheVersionAskedFor) {
  EXPECT_THAT(migrate_to({first, second}, 1), ElementsAre(1));
  EXPECT_EQ(inspect({first, second}).state, SchemaState::pending);
  EXPECT_THAT(migrate_to({first, second}, 2), ElementsAre(2));
}

TEST_F(MigrationsTest, LetsTheServingRoleLook) {
  migrate_to({first});
  Link serving(loop_.executor(), database_.address(), {});
  loop_.run(serving.connect());
  const std::vector<Migration> known{first};
  EXPECT_EQ(loop_.run(inspect_schema(serving, known)).state, SchemaState::current);
  loop_.run(serving.run_script("SELECT n FROM a"));
  EXPECT_THROW(loop_.run(serving.run_script("DELETE FROM schema_migrations")), Fault);
}

TEST_F(MigrationsTest, QuotesTheServingRole) {
  constexpr Migration names{1, "names", "COMMENT ON SCHEMA public IS $$:serving_role :serving_roles$$", hash_a};
  database_.run_as_superuser(
      "ALTER SCHEMA public OWNER TO mcp_test_owner; DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles "
      "WHERE rolname = 'a\"; b') THEN CREATE ROLE \"a\"\"; b\"; END IF; END $$");
  const std::vector<Migration> known{names};
  loop_.run(migrate(owner_, "a\"; b", "1", 0, known));
  EXPECT_EQ(database_.ask_as_superuser("SELECT obj_description('public'::regnamespace)"),
            "\"a\"\"; b\" :serving_roles");
}

TEST_F(MigrationsTest, LeavesNothingOfAMigrationThatFailed) {
  try {
    migrate_to({first, broken});
    ADD_FAILURE() << "no fault";
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.sqlstate(), "42P01");
    EXPECT_EQ(fault.statement(), "0002_second:3");
  }
  EXPECT_FALSE(owner_.in_transaction());
  EXPECT_EQ(database_.ask_as_superuser("SELECT to_regclass('public.b')::text"), "");
  EXPECT_EQ(inspect({first, second}).state, SchemaState::pending);
  EXPECT_THAT(migrate_to({first, second}), ElementsAre(2));
}

// The connection dies in the middle, as with a killed process.
TEST_F(MigrationsTest, CanBeRepeatedAfterAnAbort) {
  constexpr Migration dies{2, "second", "CREATE TABLE b (n int4); SELECT pg_terminate_backend(pg_backend_pid())",
                           hash_b};
  EXPECT_THROW(migrate_to({first, dies}), Fault);
  EXPECT_FALSE(owner_.is_connected());
  loop_.run(owner_.connect());
  EXPECT_THAT(migrate_to({first, second}), ElementsAre(2));
}

TEST_F(MigrationsTest, RefusesATextThatEndsItsTransaction) {
  constexpr Migration commits{1, "commits", "CREATE TABLE a (n int4); COMMIT", hash_a};
  EXPECT_THROW(migrate_to({commits}), Fault);
}

Task<> migrate_and_note(Link* link, std::vector<Migration> known, std::vector<int>* applied, int* done) {
  const std::vector<int> versions =
      co_await migrate(*link, std::string(test::TestDatabase::serving_role), "1", 0, known);
  applied->insert(applied->end(), versions.begin(), versions.end());
  ++*done;
}

TEST_F(MigrationsTest, TakesTurnsWithConcurrentCallers) {
  constexpr Migration slow{1, "slow", "SELECT pg_sleep(0.2); CREATE TABLE a (n int4)", hash_a};
  std::vector<int> applied;
  int done = 0;
  loop_.start(migrate_and_note(&owner_, {slow, second}, &applied, &done));
  loop_.start(migrate_and_note(&other_, {slow, second}, &applied, &done));
  loop_.run_until_true([&] { return done == 2; });
  std::ranges::sort(applied);
  EXPECT_THAT(applied, ElementsAre(1, 2));
}

TEST_F(MigrationsTest, RefusesAnotherTextOfAnAppliedMigration) {
  migrate_to({first, second});
  EXPECT_EQ(inspect({first, broken}).state, SchemaState::changed);
  EXPECT_EQ(refused({first, broken}), SchemaState::changed);
  EXPECT_FALSE(inspect({first, broken}).migrations[1].checksum_matches);
}

TEST_F(MigrationsTest, RefusesADatabaseOfANewerServer) {
  migrate_to({first, second});
  EXPECT_EQ(inspect({first}).state, SchemaState::newer);
  EXPECT_EQ(refused({first}), SchemaState::newer);
  EXPECT_EQ(inspect({first}).migrations.size(), 2U);
}

TEST_F(MigrationsTest, RefusesADatabaseThatIsNotOurs) {
  database_.run_as_superuser("CREATE TABLE somebody_elses (n int4)");
  EXPECT_EQ(inspect({first}).state, SchemaState::foreign);
  EXPECT_EQ(refused({first}), SchemaState::foreign);
  EXPECT_EQ(database_.ask_as_superuser("SELECT to_regclass('public.schema_migrations')::text"), "");
}

TEST(EmbeddedMigrations, AreNumberedWithoutGapsAndApply) {
  const auto embedded = embedded_migrations();
  ASSERT_FALSE(embedded.empty());
  for (std::size_t i = 0; i < embedded.size(); ++i) {
    EXPECT_EQ(embedded[i].version, static_cast<int>(i) + 1);
    EXPECT_EQ(embedded[i].checksum.size(), 64U);
  }
  test::TestDatabase database{test::TestDatabase::Schema::empty};
  test::Loop loop;
  Link owner(loop.executor(), database.owner_address(), {});
  loop.run(owner.connect());
  EXPECT_EQ(loop.run(migrate(owner, std::string(test::TestDatabase::serving_role), "1", 0)).size(), embedded.size());
  EXPECT_THAT(loop.run(migrate(owner, std::string(test::TestDatabase::serving_role), "1", 0)), IsEmpty());
  EXPECT_EQ(loop.run(inspect_schema(owner)).state, SchemaState::current);
}

TEST(EmbeddedMigrations, ApplyWithOneRoleForBoth) {
  test::TestDatabase database{test::TestDatabase::Schema::empty};
  test::Loop loop;
  Link owner(loop.executor(), database.owner_address(), {});
  loop.run(owner.connect());
  loop.run(migrate(owner, std::string(test::TestDatabase::owner_role), "1", 0));
  EXPECT_EQ(loop.run(inspect_schema(owner)).state, SchemaState::current);
}

TEST(MigratedTestDatabase, IsUpToDateForTheServingRole) {
  test::TestDatabase database;
  test::Loop loop;
  Link link(loop.executor(), database.address(), {});
  loop.run(link.connect());
  EXPECT_EQ(loop.run(inspect_schema(link)).state, SchemaState::current);
}

}  // namespace
}  // namespace mcp::db
