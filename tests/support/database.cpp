// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "support/database.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "core/check.hpp"
#include "db/migrations.hpp"

namespace mcp::test {
namespace {

constexpr std::string_view template_lock = "SELECT pg_advisory_lock(7061)";  // one process at a time makes the template

std::string required_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    std::fprintf(stderr, "%s is not set: run this test under script/with-postgres\n", name);
    std::exit(2);
  }
  return value;
}

db::Address address_of(std::string_view database, std::string_view user) {
  db::Address address;
  address.host = required_variable("MCP_TEST_PG_HOST");
  address.port = static_cast<std::uint16_t>(std::stoi(required_variable("MCP_TEST_PG_PORT")));
  address.database = database;
  address.user = user;
  return address;
}

std::string superuser() { return required_variable("MCP_TEST_PG_USER"); }

Task<> run_scripts(Executor executor, db::Address address, std::vector<std::string> scripts) {
  db::Link link(executor, std::move(address), {});
  co_await link.connect();
  for (const std::string& script : scripts) {
    std::string sql = script;
    co_await link.run_script(std::move(sql));
  }
}

void run_as(std::string_view database, std::string_view user, std::vector<std::string> scripts) {
  Loop loop;
  loop.run(run_scripts(loop.executor(), address_of(database, user), std::move(scripts)));
}

Task<std::string> ask(Executor executor, db::Address address, std::string sql) {
  db::Link link(executor, std::move(address), {});
  co_await link.connect();
  const db::Statement statement{"test.ask", sql};
  std::vector<db::Command> commands;
  commands.push_back({&statement, db::Params()});
  const std::vector<db::Rows> rows = co_await link.run(std::move(commands));
  const db::Rows& answer = rows.front();
  if (answer.empty() || answer[0].is_null(0)) co_return std::string();
  co_return answer[0].get<std::string>(0);
}

// The name changes with the migrations, so a cluster that outlives them never hands out an old schema.
std::string template_name() {
  std::string checksums;
  for (const db::Migration& migration : db::embedded_migrations()) checksums += migration.checksum;
  return fmt::format("mcp_test_template_{:016x}", std::hash<std::string>{}(checksums));
}

std::string create_role(std::string_view role, std::string_view options) {
  return fmt::format(
      "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{0}') THEN CREATE ROLE {0} LOGIN {1}; END IF; "
      "END $$",
      role, options);
}

std::string create_database(std::string_view name, std::string_view from) {
  return fmt::format("CREATE DATABASE {} OWNER {} TEMPLATE {}", name, TestDatabase::owner_role, from);
}

// Ends who is connected and lets nobody in again, so that it works on PostgreSQL 12, too (WITH (FORCE) came with 13).
std::vector<std::string> drop_database(std::string_view name) {
  return {fmt::format("UPDATE pg_database SET datallowconn = false WHERE datname = '{}'", name),
          fmt::format("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'", name),
          fmt::format("DROP DATABASE IF EXISTS {}", name)};
}

Task<> migrate_template(Executor executor, db::Address owner) {
  db::Link link(executor, std::move(owner), {});
  co_await link.connect();
  co_await db::migrate(link, std::string(TestDatabase::serving_role), "test", 0);
}

// Roles and, if `wanted` is not there yet, the template. Built under another name: the right one means that it is
// complete.
Task<> prepare_cluster(Loop* loop, std::string wanted) {
  db::Link link(loop->executor(), address_of("postgres", superuser()), {});
  co_await link.connect();
  co_await link.run_script(std::string(template_lock));
  // The owner may make roles, as an installation's does: a migration adds the auditors'.
  co_await link.run_script(create_role(TestDatabase::owner_role, "CREATEROLE"));
  co_await link.run_script(create_role(TestDatabase::serving_role, ""));
  if (wanted.empty()) co_return;
  const std::string existing =
      co_await ask(loop->executor(), address_of("postgres", superuser()),
                   fmt::format("SELECT datname::text FROM pg_database WHERE datname = '{}'", wanted));
  if (!existing.empty()) co_return;
  const std::string building = wanted + "_building";
  for (std::string& statement : drop_database(building)) co_await link.run_script(std::move(statement));
  co_await link.run_script(create_database(building, "template0"));
  co_await migrate_template(loop->executor(), address_of(building, TestDatabase::owner_role));
  // The owner's session may take a moment to end, and a template must have none.
  co_await link.run_script(
      fmt::format("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'", building));
  co_await link.run_script(fmt::format("ALTER DATABASE {} RENAME TO {}", building, wanted));
}

}  // namespace

void Loop::start(Task<> task) {
  asio::co_spawn(context_, std::move(task), [](const std::exception_ptr& why) {
    if (why) std::rethrow_exception(why);
  });
}

void Loop::run_until(const std::optional<std::exception_ptr>& ended) {
  while (!ended) turn();
  if (*ended) std::rethrow_exception(*ended);
}

void Loop::turn() {
  context_.restart();
  CHECK(context_.run_one() > 0);  // nothing left to run, so what is waited for never comes
}

TestDatabase::TestDatabase(Schema schema) {
  static std::atomic<int> count{0};
  name_ = fmt::format("mcp_test_{}_{}", ::getpid(), ++count);
  const std::string from = schema == Schema::migrated ? template_name() : "template0";
  Loop loop;
  loop.run(prepare_cluster(&loop, schema == Schema::migrated ? from : std::string()));
  run_as("postgres", superuser(), drop_database(name_));
  run_as("postgres", superuser(), {create_database(name_, from)});
  if (schema == Schema::migrated) {
    // A copy does not inherit the rights on the database itself, which the first migration gives.
    run_as("postgres", superuser(),
           {fmt::format("REVOKE ALL ON DATABASE {} FROM PUBLIC", name_),
            fmt::format("GRANT CONNECT ON DATABASE {} TO {}", name_, serving_role)});
  }
}

TestDatabase::~TestDatabase() {
  try {
    run_as("postgres", superuser(), drop_database(name_));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "database %s is left behind: %s\n", name_.c_str(), error.what());
  }
}

db::Address TestDatabase::address() const { return address_of(name_, serving_role); }

db::Address TestDatabase::owner_address() const { return address_of(name_, owner_role); }

db::Address TestDatabase::superuser_address() const { return address_of(name_, superuser()); }

void TestDatabase::run_as_superuser(std::string sql) const { run_as(name_, superuser(), {std::move(sql)}); }

std::string TestDatabase::ask_as_superuser(std::string sql) const {
  Loop loop;
  return loop.run(ask(loop.executor(), superuser_address(), std::move(sql)));
}

}  // namespace mcp::test
