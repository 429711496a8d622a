// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "cli/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.hpp"
#include "cli/config_commands.hpp"
#include "cli/database_commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/session.hpp"
#include "cli/user_commands.hpp"
#include "cli/version.hpp"
#include "config/environment.hpp"
#include "core/log.hpp"
#include "crypto/locked_key.hpp"
#include "operations/home.hpp"
#include "operations/service_user.hpp"

namespace mcp::cli {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

config::Purpose purpose_of(const Command& command) {
  return std::visit(Overloaded{[](const Serve&) { return config::Purpose::serve; },
                               [](const Setup&) { return config::Purpose::setup; },
                               [](const Migrate&) { return config::Purpose::migrate; },
                               [](const UserCreate&) { return config::Purpose::operate; },
                               [](const ConfigCheck&) { return config::Purpose::check; },
                               [](const ConfigShow&) { return config::Purpose::show; },
                               [](const Version&) { return config::Purpose::show; }},
                    command);
}

// Flags that are settings go through config/ like any other layer.
config::LoadOptions load_options(const Invocation& invocation) {
  config::LoadOptions options;
  options.purpose = purpose_of(invocation.command);
  const auto set = [&options](const char* variable, const std::optional<std::string>& value) {
    if (value) options.flags[variable] = *value;
  };
  set("MESSENGER_HOME", invocation.global.home);
  set("LOG_LEVEL", invocation.global.log_level);
  if (invocation.global.config_file) options.config_file = *invocation.global.config_file;
  if (const auto* serve = std::get_if<Serve>(&invocation.command)) {
    set("HOST", serve->host);
    set("PORT", serve->port);
    set("THREADS", serve->threads);
  }
  if (const auto* setup = std::get_if<Setup>(&invocation.command)) {
    set("INITIAL_ADMIN_USERNAME", setup->admin_username);
    set("INITIAL_ADMIN_EMAIL", setup->admin_email);
    if (setup->production) options.flags["NODE_ENV"] = "production";
  }
  return options;
}

ExitCode print_version(const Console& console) {
  JsonMembers members;
  for (auto& [name, value] : version_facts()) {
    if (!console.json()) console.print(fmt::format("{}: {}\n", name, value));
    members.emplace_back(name, std::move(value));
  }
  if (console.json()) console.print(to_json(members) + "\n");
  return ExitCode::done;
}

// A certificate that does not fit its key is a mistake of the configuration, told with the others' code.
bool has_good_certificate(const Console& console, const config::Config& config, const Commands& commands) {
  if (config.server.tls.certificate_file.empty()) return true;
  try {
    commands.check_certificate(config.server.tls);
    return true;
  } catch (const std::runtime_error& error) {
    report_problems(
        console,
        {{.variable = "TLS_CERT_FILE", .message = error.what(), .layer = config::Layer::fallback, .source = {}}});
    return false;
  }
}

int execute(const Session& session, const Command& command, const config::Config& config, const Commands& commands) {
  const auto& console = session.console;
  const bool uses_certificate = std::holds_alternative<Serve>(command) || std::holds_alternative<ConfigCheck>(command);
  if (uses_certificate && !has_good_certificate(console, config, commands))
    return static_cast<int>(ExitCode::configuration);
  if (const auto* serve = std::get_if<Serve>(&command)) return commands.serve(config, serve->migrate);

  // Commands speak for themselves; the log is only for what goes wrong, unless more was asked for.
  log::set_level(session.global.log_level ? config.log.level : log::Level::warn);
  const auto code = std::visit(
      Overloaded{[&](const Setup& setup) { return set_up(session, setup, config); },
                 [&](const Migrate& migration) { return migrate(session, migration, config); },
                 [&](const UserCreate& user) { return create_user(session, user, config); },
                 [&](const ConfigCheck&) { return report_good(console, config); },
                 [&](const ConfigShow& show) { return show_config(console, show, config); },
                 [](const Serve&) { return ExitCode::internal; }, [](const Version&) { return ExitCode::internal; }},
      command);
  return static_cast<int>(code);
}

int run_invocation(const Invocation& invocation, const Commands& commands) {
  const Console console(invocation.global.json, invocation.global.quiet);
  if (std::holds_alternative<Version>(invocation.command)) return static_cast<int>(print_version(console));

  operations::restrict_new_files();
  const auto environment = config::Environment::take();
  const auto options = load_options(invocation);
  const Session session{.console = console, .global = invocation.global, .os_user = operations::calling_user()};
  operations::become_service_user(config::home_directory(options, environment));
  // Again: a change of the user sets the process's dumpable flag back to what the system says (prctl(2)).
  crypto::protect_process_memory();
  const auto config = config::load(options, environment);
  if (!config) return static_cast<int>(report_problems(console, config.error()));
  return execute(session, invocation.command, *config, commands);
}

}  // namespace

int run(int argc, char** argv, const Commands& commands) {
  const Console console(false, false);
  try {
    const auto parsed = parse_command_line({argv + std::min(argc, 1), argv + argc});
    if (const auto* notice = std::get_if<Notice>(&parsed)) {
      std::fputs(notice->text.c_str(), notice->code == ExitCode::done ? stdout : stderr);
      return static_cast<int>(notice->code);
    }
    return run_invocation(std::get<Invocation>(parsed), commands);
  } catch (...) {
    const auto ending = ending_of(std::current_exception());
    console.complain(ending.text);
    log::stop();
    return static_cast<int>(ending.code);
  }
}

}  // namespace mcp::cli
