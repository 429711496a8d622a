// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the first command a hospital runs: one call makes everything, another one breaks nothing, keys never change.
#include "operations/setup.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "crypto/encoding.hpp"
#include "db/migrations.hpp"
#include "operations/failure.hpp"
#include "operations/private_cluster.hpp"
#include "operations/temporary_folder_test.hpp"
#include "support/database.hpp"

namespace mcp::operations {
namespace {

namespace fs = std::filesystem;

SetupOptions options_for(const fs::path& home) {
  SetupOptions options;
  options.home = home;
  options.administrator = {.username = "amara", .email = std::nullopt};
  options.command = {.os_user = "operator", .instance_name = "test", .version = "0.0.0"};
  return options;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Secret value_of(const fs::path& env_file, const std::string& name) {
  const std::string text = text_of(env_file);
  const auto at = text.find("\n" + name + "=");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 2;
  return Secret(text.substr(from, text.find('\n', from) - from));
}

// As the configuration would hand the keys over at the second run.
void give_present_secrets(SetupOptions& options, const Home& home) {
  const auto root = [&](const char* name) {
    const Secret text = value_of(home.env_file(), name);
    const auto bytes = crypto::from_base64(text.reveal());
    EXPECT_TRUE(bytes && bytes->size() == 32) << name;
    return bytes ? Secret(std::string(bytes->begin(), bytes->end())) : Secret();
  };
  options.jwt_secret = value_of(home.env_file(), "JWT_SECRET");
  options.content_root = root("ENCRYPTION_KEY");
  options.metadata_root = root("METADATA_KEY");
}

SetupReport run(SetupOptions options) {
  test::Loop loop;
  return loop.run(set_up(loop.executor(), std::move(options)));
}

std::optional<Failure> failure_of(SetupOptions options) {
  try {
    run(std::move(options));
  } catch (const Failure& failure) {
    return failure;
  }
  return std::nullopt;
}

constexpr db::Statement ask{"test.ask", R"sql(
    SELECT (SELECT count(*) FROM audit_logs WHERE action = 'migration_applied')::text || ' ' ||
           (SELECT count(*) FROM encryption_keys)::text || ' ' || (SELECT count(*) FROM users)::text || ' ' ||
           (SELECT count(DISTINCT chain_id) FROM audit_logs)::text)sql"};

Task<std::string> ask_database(Executor executor, db::Address address) {
  db::Link link(executor, std::move(address), {});
  co_await link.connect();
  std::vector<db::Command> commands;
  commands.push_back({&ask, {}});
  const auto rows = co_await link.run(std::move(commands));
  co_return rows[0][0].get<std::string>(0);
}

TEST(Setup, MakesAWholeInstallationAndKeepsItWhenRunAgain) {
  TemporaryFolder folder;
  give_to_ordinary_user(folder.path());
  in_ordinary_process([&] {
    const fs::path root = folder.path() / "home";
    const auto first = run(options_for(root));
    const Home home = Home::open(root);
    EXPECT_EQ(first.migrations.size(), db::embedded_migrations().size());
    EXPECT_EQ(first.administrator, AdministratorState::made);
    EXPECT_EQ(first.generated, (std::vector<std::string>{"JWT_SECRET", "ENCRYPTION_KEY", "METADATA_KEY"}));
    EXPECT_TRUE(fs::exists(first.setup_token_file));
    struct stat status{};
    ASSERT_EQ(::stat(home.env_file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600U);
    EXPECT_GE(value_of(home.env_file(), "JWT_SECRET").size(), 32U);
    EXPECT_NE(value_of(home.env_file(), "ENCRYPTION_KEY").reveal(), value_of(home.env_file(), "METADATA_KEY").reveal());
    EXPECT_NE(text_of(home.config_file()).find(R"("private": true)"), std::string::npos);
    EXPECT_FALSE(fs::exists(home.pg() / "data" / "postmaster.pid")) << "setup leaves nothing running";

    const std::string env = text_of(home.env_file());
    const std::string instance = text_of(home.instance_file());
    auto again = options_for(root);
    give_present_secrets(again, home);
    again.is_forced = true;
    const auto second = run(std::move(again));
    EXPECT_TRUE(second.migrations.empty());
    EXPECT_TRUE(second.generated.empty());
    EXPECT_EQ(second.administrator, AdministratorState::renewed);
    EXPECT_EQ(text_of(home.env_file()), env);
    EXPECT_EQ(text_of(home.instance_file()), instance);

    auto cluster = PrivateCluster::join(home);
    cluster.start();
    cluster.wait_ready(std::chrono::minutes{1});
    test::Loop loop;
    EXPECT_EQ(loop.run(ask_database(loop.executor(), cluster.serving())),
              std::to_string(db::embedded_migrations().size()) + " 4 1 1");
    cluster.stop();

    // Without its keys the home is not set up anew over the old data.
    fs::remove(home.env_file());
    const auto failure = failure_of(options_for(root));
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code(), ExitCode::configuration);
    EXPECT_FALSE(fs::exists(home.env_file()));
  });
}

TEST(Setup, UsesAnExternalDatabaseAndRecordsNoPrivateOne) {
  const TemporaryFolder folder;
  const test::TestDatabase database(test::TestDatabase::Schema::empty);
  auto options = options_for(folder.path() / "home");
  options.external = DatabaseAccess{.owner = database.owner_address(), .serving = database.address()};
  options.is_production = true;
  const auto report = run(std::move(options));
  EXPECT_EQ(report.administrator, AdministratorState::made);
  const Home home = Home::open(folder.path() / "home");
  EXPECT_FALSE(fs::exists(home.config_file()));
  EXPECT_FALSE(PrivateCluster::exists(home));
  EXPECT_NE(text_of(home.env_file()).find("\nNODE_ENV=production\n"), std::string::npos);
  EXPECT_EQ(text_of(home.env_file()).find("DB_"), std::string::npos);
  EXPECT_EQ(database.ask_as_superuser("SELECT count(*)::text FROM encryption_keys"), "4");
}

TEST(Setup, NamesTheKeyThatDoesNotFitTheDatabase) {
  const TemporaryFolder folder;
  const test::TestDatabase database(test::TestDatabase::Schema::empty);
  const auto with_database = [&](const char* home) {
    auto options = options_for(folder.path() / home);
    options.external = DatabaseAccess{.owner = database.owner_address(), .serving = database.address()};
    return options;
  };
  run(with_database("first"));
  auto other = with_database("second");
  other.content_root = Secret(std::string(32, 'c'));
  other.metadata_root = Secret(std::string(32, 'm'));
  const auto failure = failure_of(std::move(other));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code(), ExitCode::configuration);
  EXPECT_NE(std::string(failure->what()).find("ENCRYPTION_KEY"), std::string::npos);
}

TEST(Setup, MakesNoNewKeyForAnExternalDatabaseThatHasOne) {
  const TemporaryFolder folder;
  const test::TestDatabase database(test::TestDatabase::Schema::empty);
  auto first = options_for(folder.path() / "first");
  first.external = DatabaseAccess{.owner = database.owner_address(), .serving = database.address()};
  run(std::move(first));
  for (const std::string missing : {"ENCRYPTION_KEY", "METADATA_KEY"}) {
    const Home home = Home::create(folder.path() / missing);
    auto options = options_for(home.root());
    options.external = DatabaseAccess{.owner = database.owner_address(), .serving = database.address()};
    give_present_secrets(options, Home::open(folder.path() / "first"));
    options.jwt_secret = Secret();
    (missing == "ENCRYPTION_KEY" ? options.content_root : options.metadata_root) = Secret();
    const auto failure = failure_of(std::move(options));
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code(), ExitCode::configuration);
    EXPECT_TRUE(std::string(failure->what()).starts_with(missing)) << failure->what();
    EXPECT_FALSE(fs::exists(home.env_file())) << "a wrong key would be taken for the right one at the next run";
  }
}

TEST(Setup, KeepsWhatStandsInTheEnvironmentFile) {
  const TemporaryFolder folder;
  const test::TestDatabase database(test::TestDatabase::Schema::empty);
  const Home home = Home::create(folder.path() / "home");
  write_file(home.env_file(), "# mine\nPORT=8443\nexport LOG_LEVEL = debug", 0600);
  auto options = options_for(home.root());
  options.external = DatabaseAccess{.owner = database.owner_address(), .serving = database.address()};
  run(std::move(options));
  EXPECT_TRUE(text_of(home.env_file()).starts_with("# mine\nPORT=8443\nexport LOG_LEVEL = debug\nJWT_SECRET="));

  const Home other = Home::create(folder.path() / "other");
  write_file(other.env_file(), " ENCRYPTION_KEY =\n",
             0600);  // no usable value, or the configuration would have given it
  const test::TestDatabase untouched(test::TestDatabase::Schema::empty);
  auto broken = options_for(other.root());
  broken.external = DatabaseAccess{.owner = untouched.owner_address(), .serving = untouched.address()};
  const auto failure = failure_of(std::move(broken));
  ASSERT_TRUE(failure);
  EXPECT_NE(std::string(failure->what()).find("ENCRYPTION_KEY"), std::string::npos);
  EXPECT_EQ(text_of(other.env_file()), " ENCRYPTION_KEY =\n");
}

TEST(Setup, WaitsForNoServerThatUsesTheHome) {
  const TemporaryFolder folder;
  const Home home = Home::create(folder.path() / "home");
  const ServingLock serving(home);
  const auto failure = failure_of(options_for(home.root()));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code(), ExitCode::try_later);
}

}  // namespace
}  // namespace mcp::operations
