// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "db/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "core/log.hpp"

namespace mcp::db {
namespace {

// Transaction-level, so that it ends with the connection of a process that was killed.
constexpr Statement lock{"migrations.lock", "SELECT pg_advisory_xact_lock($1)::text"};
constexpr std::int64_t lock_key = 0x6D63'7000'6D69'6772;  // "mcp\0migr"

// Both questions look at the catalogue, because the table cannot be named while it may be missing.
constexpr Statement find_table{"migrations.find_table", R"sql(
    SELECT to_regclass('public.schema_migrations') IS NOT NULL,
           EXISTS (SELECT FROM pg_catalog.pg_class
                   WHERE relnamespace = to_regnamespace('public') AND relkind IN ('r', 'p', 'v', 'm', 'f')
                     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend  -- pg_stat_statements brings a view along
                                     WHERE pg_depend.classid = 'pg_catalog.pg_class'::regclass
                                       AND pg_depend.objid = pg_class.oid AND pg_depend.deptype = 'e')))sql"};

constexpr Statement list_applied{"migrations.list_applied", R"sql(
    SELECT version, name::text, checksum::text FROM public.schema_migrations ORDER BY version LIMIT 10000)sql"};

constexpr Statement note_applied{"migrations.note_applied", R"sql(
    INSERT INTO public.schema_migrations (version, name, checksum, applied_at, duration_ms, server_version)
    VALUES ($1, $2, $3, clock_timestamp(), $4, $5))sql"};

constexpr std::string_view create_table = R"sql(
    CREATE TABLE IF NOT EXISTS public.schema_migrations (
      version         INTEGER PRIMARY KEY,
      name            TEXT NOT NULL,
      checksum        CHAR(64) NOT NULL,
      applied_at      TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      duration_ms     BIGINT NOT NULL DEFAULT 0,
      server_version  TEXT NOT NULL DEFAULT ''
    ))sql";

std::string_view describe(SchemaState state) {
  switch (state) {
    case SchemaState::current: return "is up to date";
    case SchemaState::pending: return "has pending migrations";
    case SchemaState::newer: return "was migrated by a newer version of the server";
    case SchemaState::foreign: return "has tables, but not from this server's migrations";
    case SchemaState::changed: return "was migrated by another text of a migration";
  }
  return "is in an unknown state";
}

std::vector<Command> one(const Statement& statement, Params params = {}) {
  std::vector<Command> commands;
  commands.push_back({&statement, std::move(params)});
  return commands;
}

std::string quoted_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char letter : name) {
    quoted += letter;
    if (letter == '"') quoted += letter;
  }
  return quoted + "\"";
}

bool continues_name(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
         letter == '_';
}

std::string with_role(std::string_view sql, std::string_view role) {
  constexpr std::string_view token = ":serving_role";
  const std::string name = quoted_identifier(role);
  std::string text;
  while (true) {
    const std::size_t at = sql.find(token);
    text += sql.substr(0, at);
    if (at == std::string_view::npos) return text;
    sql.remove_prefix(at + token.size());
    const bool is_token = sql.empty() || !continues_name(sql.front());
    text += is_token ? std::string_view(name) : token;
  }
}

// What stands in the way, in the order of how alarming it is.
SchemaState judge(const std::vector<MigrationStatus>& migrations, std::span<const Migration> known) {
  SchemaState state = SchemaState::current;
  for (const MigrationStatus& status : migrations) {
    const bool is_known = std::ranges::find(known, status.version, &Migration::version) != known.end();
    if (is_known && status.applied && !status.checksum_matches) return SchemaState::changed;
    if (!is_known) state = SchemaState::newer;
    if (!status.applied && state == SchemaState::current) state = SchemaState::pending;
  }
  return state;
}

int first_misfit(const SchemaReport& report) {
  const auto misfit = std::ranges::find_if(
      report.migrations, [](const MigrationStatus& status) { return status.applied && !status.checksum_matches; });
  return misfit == report.migrations.end() ? 0 : misfit->version;
}

// Applies the first pending migration up to `to`; nothing when there is none. Looks and applies under one lock, in one
// transaction, so callers that run at the same time take turns and an abort leaves no trace.
Task<std::optional<int>> apply_next(Link& owner, const std::string& serving_role, const std::string& server_version,
                                    int to, std::span<const Migration> known) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<Command> opening = one(begin_statement);
  opening.push_back({&lock, Params::of(lock_key)});
  co_await owner.run(std::move(opening));

  const SchemaReport report = co_await inspect_schema(owner, known);
  if (report.state != SchemaState::current && report.state != SchemaState::pending) {
    throw SchemaMismatch(report.state, first_misfit(report));
  }
  const auto next = std::ranges::find_if(known, [&](const Migration& migration) {
    const auto status = std::ranges::find(report.migrations, migration.version, &MigrationStatus::version);
    return !status->applied && (to == 0 || migration.version <= to);
  });
  if (next == known.end()) co_return std::nullopt;

  std::string preparation(create_table);
  preparation += "; GRANT SELECT ON public.schema_migrations TO " + quoted_identifier(serving_role);
  co_await owner.run_script(std::move(preparation));
  std::string sql = with_role(next->sql, serving_role);
  try {
    co_await owner.run_script(std::move(sql));
  } catch (const Fault& fault) {
    const std::string_view place = fault.statement();
    throw Fault(
        fault.kind(), fault.sqlstate(),
        fmt::format("{:04}_{}{}", next->version, next->name, place.substr(std::min(place.find(':'), place.size()))),
        fault.constraint());
  }
  if (!owner.in_transaction()) {  // the text ended our transaction, and what it did cannot be undone
    throw Fault(FaultKind::programming, "25P01", fmt::format("{:04}_{}", next->version, next->name), "");
  }
  const auto spent = std::chrono::steady_clock::now() - start;
  std::vector<Command> closing =
      one(note_applied, Params::of(next->version, next->name, next->checksum,
                                   std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(spent).count()},
                                   server_version));
  closing.push_back({&commit_statement, Params()});
  co_await owner.run(std::move(closing));
  log::info("db", "migration applied", {{log::Field::migration, next->version}, {log::Field::name, next->name}});
  co_return next->version;
}

}  // namespace

SchemaMismatch::SchemaMismatch(SchemaState state, int version)
    : std::runtime_error(fmt::format("the database {}{}", describe(state),
                                     version == 0 ? std::string() : fmt::format(" (migration {})", version))),
      state_(state),
      version_(version) {}

Task<SchemaReport> inspect_schema(Link& link, std::span<const Migration> known) {
  SchemaReport report;
  const std::vector<Rows> found = co_await link.run(one(find_table));
  const Row tables = found.front()[0];
  std::map<int, MigrationStatus> by_version;
  for (const Migration& migration : known) {
    by_version[migration.version] = {.version = migration.version, .name = std::string(migration.name)};
  }
  if (tables.get<bool>(0)) {
    const std::vector<Rows> applied = co_await link.run(one(list_applied));
    for (const Row row : applied.front()) {
      const int version = row.get<std::int32_t>(0);
      const auto same = std::ranges::find(known, version, &Migration::version);
      by_version[version] = {.version = version,
                             .name = row.get<std::string>(1),
                             .applied = true,
                             .checksum_matches = same != known.end() && row.view(2) == same->checksum};
    }
  }
  for (auto& [version, status] : by_version) report.migrations.push_back(std::move(status));
  const bool is_foreign = !tables.get<bool>(0) && tables.get<bool>(1);
  report.state = is_foreign ? SchemaState::foreign : judge(report.migrations, known);
  co_return report;
}

Task<std::vector<int>> migrate(Link& owner, std::string serving_role, std::string server_version, int to,
                               std::span<const Migration> known) {
  std::vector<int> applied;
  std::exception_ptr failure;
  try {
    while (const std::optional<int> version = co_await apply_next(owner, serving_role, server_version, to, known)) {
      applied.push_back(*version);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  if (owner.is_connected() && owner.in_transaction()) co_await owner.run(one(rollback_statement));
  if (failure) std::rethrow_exception(failure);
  co_return applied;
}

}  // namespace mcp::db
