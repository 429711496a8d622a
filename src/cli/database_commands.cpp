// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "cli/database_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "db/migrations.hpp"
#include "operations/external_database.hpp"
#include "operations/failure.hpp"

namespace mcp::cli {
namespace {

using operations::Failure;

std::string list_of(const std::vector<int>& versions) { return fmt::format("{}", fmt::join(versions, ", ")); }

operations::SetupOptions setup_options(const Session& session, const Setup& command, const config::Config& config) {
  operations::SetupOptions options;
  options.home = config.home;
  options.is_production = config.is_production();
  options.is_forced = command.force;
  options.jwt_secret = config.session.jwt_secret.duplicate();
  options.content_root = config.keys.content.duplicate();
  options.metadata_root = config.keys.metadata.duplicate();
  if (!config.database.is_private) options.external = operations::external_access(config.database);
  options.administrator.username = config.admin.initial_username;
  if (!config.admin.initial_email.empty()) options.administrator.email = config.admin.initial_email;
  options.command = session.command_line(config);
  return options;
}

std::string_view word_of(operations::AdministratorState state) {
  switch (state) {
    case operations::AdministratorState::made: return "made";
    case operations::AdministratorState::renewed: return "renewed";
    case operations::AdministratorState::settled: return "settled";
    case operations::AdministratorState::name_taken: return "name_taken";
  }
  return "settled";
}

void report_setup(const Console& console, const config::Config& config, const operations::SetupReport& report) {
  if (console.json()) {
    console.print(to_json({{"home", config.home.string()},
                           {"generated", report.generated},
                           {"migrations", report.migrations},
                           {"administrator", std::string(word_of(report.administrator))},
                           {"setupTokenFile", report.setup_token_file.string()}}) +
                  "\n");
    return;
  }
  console.say(fmt::format("home {}", config.home.string()));
  if (!report.generated.empty()) {
    console.say(fmt::format("made {} in {}: keep a copy in a safe place", fmt::join(report.generated, ", "),
                            (config.home / ".env").string()));
  }
  if (!report.migrations.empty()) console.say(fmt::format("applied migrations {}", list_of(report.migrations)));
  if (!report.setup_token_file.empty()) {
    console.say(fmt::format("first administrator {}: set a password with the one-time token in {} (24 hours)",
                            config.admin.initial_username, report.setup_token_file.string()));
  }
  console.say("ready: mcp-messenger serve");
}

Task<db::SchemaReport> inspect(Executor executor, db::Address owner) {
  db::Link link(executor, std::move(owner), {});
  co_await link.connect();
  auto report = co_await db::inspect_schema(link);
  link.close();
  co_return report;
}

// What a run up to `to` would apply.
std::vector<int> pending(const db::SchemaReport& report, int to) {
  std::vector<int> versions;
  for (const auto& migration : report.migrations) {
    if (!migration.applied && (to == 0 || migration.version <= to)) versions.push_back(migration.version);
  }
  return versions;
}

void require_fitting(const db::SchemaReport& report) {
  if (report.state == db::SchemaState::current || report.state == db::SchemaState::pending) return;
  const auto misfit =
      std::ranges::find_if(report.migrations, [](const auto& m) { return m.applied && !m.checksum_matches; });
  throw db::SchemaMismatch(report.state, misfit == report.migrations.end() ? 0 : misfit->version);
}

void list_migrations(const Console& console, const db::SchemaReport& report) {
  std::string json;
  for (const auto& migration : report.migrations) {
    const std::string state = !migration.applied ? "pending" : migration.checksum_matches ? "applied" : "changed";
    json += (json.empty() ? "" : ",") +
            to_json({{"version", migration.version}, {"name", migration.name}, {"state", state}});
    if (!console.json()) console.print(fmt::format("{:04}  {:<8}  {}\n", migration.version, state, migration.name));
  }
  if (console.json()) console.print(fmt::format("[{}]\n", json));
}

void report_applied(const Console& console, const std::vector<int>& versions, bool is_dry_run) {
  if (console.json()) {
    console.print(to_json({{is_dry_run ? "pending" : "applied", versions}}) + "\n");
  } else if (versions.empty()) {
    console.say("the database is up to date");
  } else {
    console.say(fmt::format("{} {}", is_dry_run ? "would apply" : "applied", list_of(versions)));
  }
}

// Both keys of the environment's provider; without them only the schema is made.
std::optional<operations::RootSecrets> root_secrets(const config::Config& config) {
  if (config.keys.content.empty() || config.keys.metadata.empty()) return std::nullopt;
  return operations::RootSecrets{.content = config.keys.content.duplicate(),
                                 .metadata = config.keys.metadata.duplicate()};
}

}  // namespace

ExitCode set_up(const Session& session, const Setup& command, const config::Config& config) {
  if (config.keys.provider != config::KeyProvider::environment) {
    throw Failure(ExitCode::configuration, "KEY_PROVIDER: only env is available in this version");
  }
  asio::io_context loop(1);
  const auto report = run_task(loop, operations::set_up(loop.get_executor(), setup_options(session, command, config)));
  report_setup(session.console, config, report);
  return ExitCode::done;
}

ExitCode migrate(const Session& session, const Migrate& command, const config::Config& config) {
  auto home = operations::Home::open(config.home);
  const DatabasePlace place(config, home);
  asio::io_context loop(1);
  if (command.status || command.dry_run) {
    const auto report = run_task(loop, inspect(loop.get_executor(), place.access().owner));
    if (command.status) list_migrations(session.console, report);
    require_fitting(report);
    if (command.dry_run) report_applied(session.console, pending(report, command.to), true);
    return ExitCode::done;
  }
  auto applied =
      run_task(loop, operations::initialise_database(loop.get_executor(), place.access(), std::move(home),
                                                     session.command_line(config), root_secrets(config), command.to));
  report_applied(session.console, applied, false);
  return ExitCode::done;
}

}  // namespace mcp::cli
