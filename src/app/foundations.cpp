// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "app/foundations.hpp"

#include <unistd.h>

#include <array>
#include <exception>
#include <utility>

#include "core/log.hpp"
#include "core/version.hpp"
#include "db/migrations.hpp"
#include "operations/failure.hpp"
#include "operations/installation.hpp"

namespace mcp::app {
namespace {

using operations::ExitCode;
using operations::Failure;

// Whatever runs on this database: one serving instance (contract-config 5).
constexpr std::int64_t serving_lock = 0x6D63'7073'6572'7665;  // "mcpserve"

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "unknown";
}

// contract-config 3: pending migrations are refused in production, warned about otherwise.
void accept_schema(db::SchemaState state, bool is_production) {
  switch (state) {
    case db::SchemaState::current: return;
    case db::SchemaState::pending:
      if (is_production) {
        throw Failure(ExitCode::configuration,
                      "the database has pending migrations: run `mcp-messenger migrate`, or serve with --migrate");
      }
      log::warn("app", "the database has pending migrations");
      return;
    case db::SchemaState::newer:
      throw Failure(ExitCode::configuration, "the database was migrated by a newer version of this program");
    case db::SchemaState::foreign:
      throw Failure(ExitCode::configuration,
                    "the database has tables of its own but no schema_migrations: it was not made by `setup`");
    case db::SchemaState::changed:
      throw Failure(ExitCode::data, "an applied migration differs from the one of this program");
  }
}

Task<> check_schema(const config::Config* config, operations::DatabaseAccess* access, bool migrate) {
  const Executor executor = co_await asio::this_coro::executor;
  if (migrate) {
    db::Link owner(executor, access->owner.duplicate(), {});
    co_await owner.connect();
    co_await db::migrate(owner, access->serving.user, std::string(version), 0);
  }
  db::Link serving(executor, access->serving.duplicate(), {});
  co_await serving.connect();
  const auto report = co_await db::inspect_schema(serving);
  accept_schema(report.state, config->is_production());
}

// The keys, the epoch and the first administrator, each act with its entry in the server's own chain.
Task<> open_installation(const config::Config* config, const operations::Home* home, Foundations* foundations,
                         bool migrate) {
  const Executor executor = co_await asio::this_coro::executor;
  db::Link link(executor, foundations->database.duplicate(), {});
  co_await link.connect();
  operations::Installation installation(link, *foundations->ledger, *foundations->keys, std::nullopt);
  co_await installation.record_migrations();
  if (migrate) {  // a database that `setup` never saw gets its identity from the same keys
    auto first_content = operations::to_root_key(config->keys.content, "ENCRYPTION_KEY");
    auto first_metadata = operations::to_root_key(config->keys.metadata, "METADATA_KEY");
    co_await installation.establish(std::move(first_content), std::move(first_metadata));
  }
  auto content = operations::to_root_key(config->keys.content, "ENCRYPTION_KEY");
  auto metadata = operations::to_root_key(config->keys.metadata, "METADATA_KEY");
  co_await installation.open_keys(std::move(content), std::move(metadata));
  foundations->epoch = installation.epoch();
  operations::FirstAdministrator administrator{.username = config->admin.initial_username, .email = {}};
  if (!config->admin.initial_email.empty()) administrator.email = config->admin.initial_email;
  const auto state = co_await installation.ensure_administrator(std::move(administrator), *home);
  if (state == operations::AdministratorState::made || state == operations::AdministratorState::renewed) {
    log::info("app", "the first administrator has not logged in yet: redeem the set-up token",
              {{log::Field::path, home->setup_token_file().string()}});
  }
  if (state == operations::AdministratorState::name_taken) {
    log::warn("app", "no active super_admin, and another account has the name of the first administrator",
              {{log::Field::variable, "INITIAL_ADMIN_USERNAME"}});
  }
}

}  // namespace

void Foundations::StopThreads::operator()(net::Shards* shards) const {
  shards->stop(true);
  delete shards;
}

Task<Foundations> lay_foundations(const config::Config& config, operations::Home home,
                                  operations::DatabaseAccess access, bool migrate) {
  co_await check_schema(&config, &access, migrate);
  const auto instance = operations::read_or_make_instance(home);
  Foundations foundations;
  foundations.background.reset(new net::Shards(2));
  foundations.database = access.serving.duplicate();
  foundations.keys = std::make_unique<crypto::Keyring>();
  ledger::ChainIdentity identity{.chain = instance.server_chain,
                                 .instance_name = config.server.instance_name,
                                 .hostname = host_name(),
                                 .process_id = getpid(),
                                 .instance_lock = serving_lock};
  foundations.ledger = std::make_unique<ledger::Ledger>(foundations.background->executor(1), access.serving.duplicate(),
                                                        std::move(identity), system_now);
  foundations.background->start();
  std::exception_ptr failure;
  try {
    co_await foundations.ledger->start();
    co_await open_installation(&config, &home, &foundations, migrate);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    co_await foundations.ledger->stop();
    std::rethrow_exception(failure);
  }
  co_return foundations;
}

}  // namespace mcp::app
