// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace mcp::cli {
namespace {

using Arguments = std::vector<std::string>;

template <class T>
T parsed(const Arguments& arguments) {
  auto result = parse_command_line(arguments);
  const auto* invocation = std::get_if<Invocation>(&result);
  if (invocation == nullptr) {
    ADD_FAILURE() << std::get<Notice>(result).text;
    return {};
  }
  return std::get<T>(invocation->command);
}

GlobalFlags globals(const Arguments& arguments) {
  auto result = parse_command_line(arguments);
  return std::get<Invocation>(result).global;
}

Notice notice(const Arguments& arguments) {
  auto result = parse_command_line(arguments);
  if (auto* found = std::get_if<Notice>(&result)) return *found;
  ADD_FAILURE() << "it was accepted";
  return {};
}

// Protects operators' scripts: what a command takes, and where global flags may stand.
TEST(CommandLine, ReadsServe) {
  const auto serve = parsed<Serve>({"serve", "--host", "::", "--port=0", "--threads", "4", "--migrate"});
  EXPECT_EQ(serve.host, "::");
  EXPECT_EQ(serve.port, "0");
  EXPECT_EQ(serve.threads, "4");
  EXPECT_TRUE(serve.migrate);
  EXPECT_FALSE(parsed<Serve>({"serve"}).port.has_value());
}

TEST(CommandLine, ReadsSetup) {
  const auto setup = parsed<cli::Setup>(
      {"setup", "--production", "--force", "--admin-username", "root1", "--admin-email", "a@b.example"});
  EXPECT_TRUE(setup.production && setup.force);
  EXPECT_EQ(setup.admin_username, "root1");
  EXPECT_EQ(setup.admin_email, "a@b.example");
}

TEST(CommandLine, ReadsMigrateUnderBothNames) {
  EXPECT_EQ(parsed<Migrate>({"migrate", "--to", "3", "--dry-run"}).to, 3);
  EXPECT_TRUE(parsed<Migrate>({"init-db", "--status"}).status);
  EXPECT_EQ(notice({"migrate", "--status", "--dry-run"}).code, ExitCode::usage);
  EXPECT_EQ(notice({"migrate", "--to", "0"}).code, ExitCode::usage);
  EXPECT_EQ(notice({"migrate", "--to", "x"}).code, ExitCode::usage);
}

TEST(CommandLine, ReadsUserCreate) {
  const auto create =
      parsed<UserCreate>({"user", "create", "amara", "--role", "moderator", "--email", "a@b.example", "--first-name",
                          "Amara", "--last-name", "Obi", "--password-stdin", "--no-force-change"});
  EXPECT_EQ(create.name, "amara");
  EXPECT_EQ(create.role, "moderator");
  EXPECT_EQ(create.email, "a@b.example");
  EXPECT_EQ(create.first_name, "Amara");
  EXPECT_EQ(create.last_name, "Obi");
  EXPECT_TRUE(create.password_stdin);
  EXPECT_FALSE(create.force_password_change);
  EXPECT_TRUE(parsed<UserCreate>({"user", "create", "--role", "user", "ben"}).force_password_change);
  EXPECT_EQ(notice({"user", "create"}).code, ExitCode::usage);
  EXPECT_EQ(notice({"user", "create", "a", "b"}).code, ExitCode::usage);
}

TEST(CommandLine, ReadsConfigAndVersion) {
  parsed<ConfigCheck>({"config", "check"});
  EXPECT_TRUE(parsed<ConfigShow>({"config", "show", "--origin"}).origin);
  parsed<Version>({"version"});
}

TEST(CommandLine, TakesGlobalFlagsBeforeAndBehindTheCommand) {
  for (const auto& arguments :
       {Arguments{"--home", "/h", "--config", "/c", "--log-level", "debug", "--json", "--quiet", "--no-input", "serve"},
        Arguments{"serve", "--home", "/h", "--config", "/c", "--log-level", "debug", "--json", "--quiet",
                  "--no-input"}}) {
    const auto global = globals(arguments);
    EXPECT_EQ(global.home, "/h");
    EXPECT_EQ(global.config_file, "/c");
    EXPECT_EQ(global.log_level, "debug");
    EXPECT_TRUE(global.json && global.quiet && global.no_input);
  }
}

// A secret on the command line stands in every process list and shell history.
TEST(CommandLine, HasNoFlagForASecret) {
  for (const char* flag : {"--password", "--db-password", "--jwt-secret", "--encryption-key", "--token", "--secret"}) {
    for (const auto& command : {Arguments{"serve"}, Arguments{"setup"}, Arguments{"user", "create", "amara"}}) {
      auto arguments = command;
      arguments.insert(arguments.end(), {flag, "hunter2-hunter2"});
      const auto refused = notice(arguments);
      EXPECT_EQ(refused.code, ExitCode::usage) << flag;
      EXPECT_EQ(refused.text.find("hunter2"), std::string::npos) << refused.text;
    }
  }
}

TEST(CommandLine, PrintsHelpThatFitsAScreen) {
  for (const auto& arguments : {Arguments{"--help"}, Arguments{"-h"}}) {
    const auto help = notice(arguments);
    EXPECT_EQ(help.code, ExitCode::done);
    EXPECT_LE(std::ranges::count(help.text, '\n'), 25);
    for (const auto& name : command_names()) EXPECT_NE(help.text.find("  " + name), std::string::npos) << name;
    EXPECT_NE(help.text.find("Examples:"), std::string::npos);
  }
  EXPECT_EQ(notice({}).code, ExitCode::usage);  // without a command: help, but not what was meant
  EXPECT_EQ(notice({}).text, notice({"--help"}).text);
}

TEST(CommandLine, HelpsWithEachCommand) {
  const auto help = notice({"user", "create", "--help"});
  EXPECT_EQ(help.code, ExitCode::done);
  for (const char* part : {"Usage: mcp-messenger user create [OPTIONS] NAME", "--role", "--password-stdin",
                           "--no-force-change", "Example"}) {
    EXPECT_NE(help.text.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(notice({"serve", "-h"}).code, ExitCode::done);
  EXPECT_EQ(notice({"config", "--help"}).code, ExitCode::done);
}

struct SlipCase {
  Arguments arguments;
  const char* answer;
};
class CommandLineSlip : public testing::TestWithParam<SlipCase> {};

TEST_P(CommandLineSlip, IsAnsweredWithWhatWasMeant) {
  const auto refused = notice(GetParam().arguments);
  EXPECT_EQ(refused.code, ExitCode::usage);
  EXPECT_EQ(refused.text.substr(0, refused.text.find('\n')), std::string("mcp-messenger: ") + GetParam().answer);
}

INSTANTIATE_TEST_SUITE_P(
    , CommandLineSlip,
    testing::Values(SlipCase{{"srve"}, "'srve' is not a command; did you mean serve?"},
                    SlipCase{{"initdb"}, "'initdb' is not a command; did you mean init-db?"},
                    SlipCase{{"fly"}, "'fly' is not a command"},
                    SlipCase{{"config", "chekc"}, "'chekc' is not a command; did you mean check?"},
                    SlipCase{{"serve", "--prot", "1"}, "'--prot' is not a flag of this command; did you mean --port?"},
                    SlipCase{{"serve", "--hoem", "x"}, "'--hoem' is not a flag of this command; did you mean --home?"},
                    SlipCase{{"serve", "--fast"}, "'--fast' is not a flag of this command"}));

}  // namespace
}  // namespace mcp::cli
