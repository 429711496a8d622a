// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// What the superuser of a private cluster does once: roles, database, rights.
#include <string>
#include <utility>
#include <vector>

#include "db/statement.hpp"
#include "operations/private_cluster.hpp"

namespace mcp::operations {
namespace {

// Passwords travel as parameters, then as settings of this session: a CREATE ROLE takes no parameter, and text glued
// from a password would be one more place it can leak from.
constexpr db::Statement set_passwords{"cluster.set_passwords", R"sql(
    SELECT set_config('mcp.owner_password', $1, false), set_config('mcp.serving_password', $2, false))sql"};

constexpr db::Statement make_roles{"cluster.make_roles", R"sql(
    DO $$
    DECLARE
      role TEXT;
    BEGIN
      FOREACH role IN ARRAY ARRAY['mcp_messenger_owner', 'mcp_messenger_app', 'mcp_messenger_auditor'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
          EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        END IF;
      END LOOP;
      EXECUTE format('ALTER ROLE mcp_messenger_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %L',
                     current_setting('mcp.owner_password'));
      EXECUTE format('ALTER ROLE mcp_messenger_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %L',
                     current_setting('mcp.serving_password'));
      REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
    END
    $$)sql"};

constexpr db::Statement find_database{"cluster.find_database", R"sql(
    SELECT 1 FROM pg_database WHERE datname = 'mcp_messenger_db' LIMIT 1)sql"};

// Not allowed inside a transaction, hence no Statement.
constexpr const char* make_database = "CREATE DATABASE mcp_messenger_db OWNER mcp_messenger_owner";

// Before PostgreSQL 15 schema public belongs to the superuser and everybody may create in it. The serving role may
// connect before the first migration, which grants the same: a server without tables should hear so, not that it is
// locked out.
constexpr const char* close_database = R"sql(
    REVOKE ALL ON DATABASE mcp_messenger_db FROM PUBLIC;
    GRANT CONNECT ON DATABASE mcp_messenger_db TO mcp_messenger_app;
    ALTER SCHEMA public OWNER TO mcp_messenger_owner;
    REVOKE ALL ON SCHEMA public FROM PUBLIC)sql";

}  // namespace

Task<> make_roles_and_database(Executor executor, ClusterRoles roles) {
  db::Link outside(executor, std::move(roles.superuser), {});
  co_await outside.connect();
  std::vector<db::Command> commands;
  commands.push_back({&set_passwords, db::Params::of(roles.owner_password.reveal(), roles.serving_password.reveal())});
  commands.push_back({&make_roles, {}});
  commands.push_back({&find_database, {}});
  const auto answers = co_await outside.run(std::move(commands));
  if (answers[2].empty()) co_await outside.run_script(make_database);
  outside.close();

  db::Link inside(executor, std::move(roles.superuser_inside), {});
  co_await inside.connect();
  co_await inside.run_script(close_database);
  inside.close();
}

}  // namespace mcp::operations
