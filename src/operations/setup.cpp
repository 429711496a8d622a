// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/setup.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <span>
#include <string_view>
#include <utility>

#include "core/log.hpp"
#include "crypto/encoding.hpp"
#include "crypto/random.hpp"
#include "db/migrations.hpp"
#include "operations/durable_file.hpp"
#include "operations/env_file.hpp"
#include "operations/failure.hpp"
#include "operations/installation_store.hpp"
#include "operations/private_cluster.hpp"

namespace mcp::operations {
namespace {

constexpr std::size_t jwt_secret_bytes = 48;
constexpr std::size_t root_key_bytes = 32;
constexpr std::chrono::minutes cluster_patience{2};
constexpr std::string_view private_configuration = "{\n  \"database\": {\"private\": true}\n}\n";

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("localhost");
}

std::span<const std::uint8_t> bytes_of(const Secret& secret) {
  return {reinterpret_cast<const std::uint8_t*>(secret.reveal().data()), secret.size()};
}

Secret random_root() {
  std::string bytes(root_key_bytes, '\0');
  crypto::random_fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  return Secret(std::move(bytes));
}

Task<bool> is_established(Executor executor, db::Address owner) {
  db::Link link(executor, std::move(owner), {});
  co_await link.connect();
  const bool answer = co_await store::Reader(link).is_established();
  link.close();
  co_return answer;
}

// A new key over a database that was made with another one would open nothing, and would stand in .env as if it were
// the right one.
Task<> refuse_new_keys_of_old_data(Executor executor, const Home* home, const SetupOptions* options) {
  std::string missing = options->content_root.empty() ? "ENCRYPTION_KEY" : "";
  if (options->metadata_root.empty()) missing += missing.empty() ? "METADATA_KEY" : " and METADATA_KEY";
  if (missing.empty()) co_return;
  bool has_old_data = false;
  if (options->external) {
    auto owner = options->external->owner.duplicate();
    has_old_data = co_await is_established(executor, std::move(owner));
  } else {
    has_old_data = PrivateCluster::exists(*home);
  }
  if (has_old_data) {
    throw Failure(ExitCode::configuration,
                  missing +
                      ": missing, but needed for the data in this database: give what it was set up with, or "
                      "restore .env from a backup");
  }
}

// Makes the missing secrets and writes them before anything depends on them.
std::vector<std::string> complete_secrets(const Home& home, SetupOptions& options) {
  std::vector<EnvLine> lines;
  if (options.jwt_secret.empty()) {
    options.jwt_secret = crypto::random_token(jwt_secret_bytes);
    lines.push_back({.name = "JWT_SECRET", .value = options.jwt_secret.duplicate()});
  }
  const auto complete_root = [&lines](Secret& root, const char* variable) {
    if (!root.empty()) return;
    root = random_root();
    lines.push_back({.name = variable, .value = Secret(crypto::to_base64(bytes_of(root)))});
  };
  complete_root(options.content_root, "ENCRYPTION_KEY");
  complete_root(options.metadata_root, "METADATA_KEY");
  std::vector<std::string> names;
  names.reserve(lines.size());
  for (const auto& line : lines) names.push_back(line.name);
  if (options.is_production && !is_in_env_file(home, "NODE_ENV")) {
    lines.push_back({.name = "NODE_ENV", .value = Secret("production")});
  }
  if (!lines.empty()) add_to_env_file(home, lines);
  return names;
}

void write_configuration(const Home& home, const SetupOptions& options) {
  if (options.external) return;  // DB_* decide, nothing to record
  std::error_code error;
  if (std::filesystem::exists(home.config_file(), error) && !options.is_forced) return;
  write_file(home.config_file(), private_configuration, 0640);
}

Task<std::vector<int>> apply_migrations(Executor executor, db::Address owner, std::string serving_role,
                                        std::string version, int to) {
  db::Link link(executor, std::move(owner), {});
  co_await link.connect();
  auto applied = co_await db::migrate(link, std::move(serving_role), std::move(version), to);
  link.close();
  co_return applied;
}

struct FillOptions {
  std::optional<RootSecrets> roots;
  std::optional<FirstAdministrator> administrator;
};

// Everything inside a migrated database, on a session that is started.
Task<AdministratorState> fill(std::shared_ptr<CommandSession> session, FillOptions options, Home home) {
  Installation& installation = session->installation();
  co_await installation.record_migrations();
  if (options.roots) {
    co_await installation.establish(to_root_key(options.roots->content, "ENCRYPTION_KEY"),
                                    to_root_key(options.roots->metadata, "METADATA_KEY"));
    co_await installation.open_keys(to_root_key(options.roots->content, "ENCRYPTION_KEY"),
                                    to_root_key(options.roots->metadata, "METADATA_KEY"));
  }
  if (!options.administrator) co_return AdministratorState::settled;
  const auto state = co_await installation.ensure_administrator(std::move(*options.administrator), home);
  if (state == AdministratorState::name_taken) {
    throw Failure(
        ExitCode::configuration,
        "there is no active super_admin, and INITIAL_ADMIN_USERNAME or INITIAL_ADMIN_EMAIL belongs to another "
        "account: choose another");
  }
  co_return state;
}

// Closes the session whatever comes out.
Task<AdministratorState> fill_and_close(std::shared_ptr<CommandSession> session, FillOptions options, Home home) {
  std::exception_ptr failure;
  auto state = AdministratorState::settled;
  try {
    co_await session->start();
    state = co_await fill(session, std::move(options), std::move(home));
  } catch (...) {
    failure = std::current_exception();
  }
  co_await session->close();
  if (failure) std::rethrow_exception(failure);
  co_return state;
}

ledger::ChainIdentity command_chain(const Home& home, const CommandLine& command) {
  ledger::ChainIdentity chain;
  chain.chain = read_or_make_instance(home).command_chain;
  chain.instance_name = command.instance_name;
  chain.hostname = host_name();
  chain.process_id = ::getpid();
  return chain;
}

}  // namespace

crypto::RootKey to_root_key(const Secret& bytes, std::string_view variable) {
  if (bytes.size() != root_key_bytes) {
    throw Failure(ExitCode::configuration, std::string(variable) + " is not the base64 form of 32 bytes");
  }
  return crypto::RootKey(crypto::LockedKey::from(bytes_of(bytes).first<root_key_bytes>()));
}

CommandSession::CommandSession(Executor executor, db::Address address, const Home& home, const CommandLine& command)
    : link_(executor, address.duplicate(), {}),
      ledger_(executor, std::move(address), command_chain(home, command), system_now),
      installation_(link_, ledger_, keys_, command.os_user) {}

Task<> CommandSession::start() {
  co_await link_.connect();
  co_await ledger_.start();
}

Task<> CommandSession::close() {
  link_.close();
  co_await ledger_.stop();
}

Task<std::vector<int>> initialise_database(Executor executor, DatabaseAccess access, Home home, CommandLine command,
                                           std::optional<RootSecrets> roots, int to) {
  auto applied = co_await apply_migrations(executor, std::move(access.owner), access.serving.user, command.version, to);
  if (to != 0) co_return applied;  // a schema on the way may lack what the rest needs
  auto session = std::make_shared<CommandSession>(executor, std::move(access.serving), home, command);
  FillOptions options{.roots = std::move(roots), .administrator = std::nullopt};
  co_await fill_and_close(std::move(session), std::move(options), std::move(home));
  co_return applied;
}

Task<SetupReport> set_up(Executor executor, SetupOptions options) {
  const Home home = Home::create(options.home);
  const FileLock lock = FileLock::acquire(home.lock_file(), std::chrono::milliseconds{0},
                                          "a server or another set-up runs in " + home.root().string());
  SetupReport report;
  co_await refuse_new_keys_of_old_data(executor, &home, &options);
  report.generated = complete_secrets(home, options);
  write_configuration(home, options);
  read_or_make_instance(home);

  std::optional<PrivateCluster> cluster;  // stopped when this ends, however it ends
  DatabaseAccess access;
  if (options.external) {
    access = std::move(*options.external);
  } else {
    cluster.emplace(PrivateCluster::provision(home));
    cluster->start();
    cluster->wait_ready(cluster_patience);
    auto roles = cluster->roles();
    co_await make_roles_and_database(executor, std::move(roles));
    access = {.owner = cluster->owner(), .serving = cluster->serving()};
  }
  report.migrations =
      co_await apply_migrations(executor, std::move(access.owner), access.serving.user, options.command.version, 0);
  auto session = std::make_shared<CommandSession>(executor, std::move(access.serving), home, options.command);
  FillOptions fill_options{
      .roots = RootSecrets{.content = std::move(options.content_root), .metadata = std::move(options.metadata_root)},
      .administrator = std::move(options.administrator)};
  report.administrator = co_await fill_and_close(std::move(session), std::move(fill_options), home);
  if (report.administrator != AdministratorState::settled) report.setup_token_file = home.setup_token_file();
  co_return report;
}

}  // namespace mcp::operations
