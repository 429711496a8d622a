// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "cli/config_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace mcp::cli {
namespace {

// "PORT must be ... (environment)", "port (config.json: /srv/config.json) ..."
std::string line_of(const config::Problem& problem) {
  if (problem.layer == config::Layer::fallback) return fmt::format("{} {}", problem.variable, problem.message);
  const auto source = problem.source.empty() ? std::string() : ": " + problem.source;
  return fmt::format("{} {} ({}{})", problem.variable, problem.message, name(problem.layer), source);
}

std::string to_json(const std::vector<config::Problem>& problems) {
  std::string text;
  for (const auto& problem : problems) {
    text += (text.empty() ? "" : ",") + cli::to_json({{"variable", problem.variable},
                                                      {"message", problem.message},
                                                      {"layer", std::string(name(problem.layer))},
                                                      {"source", problem.source}});
  }
  return "[" + text + "]";
}

}  // namespace

ExitCode report_problems(const Console& console, const std::vector<config::Problem>& problems) {
  if (console.json()) console.print(fmt::format("{{\"ok\":false,\"problems\":{}}}\n", to_json(problems)));
  console.complain(
      fmt::format("the configuration has {} problem{}:", problems.size(), problems.size() == 1 ? "" : "s"));
  for (const auto& problem : problems) console.complain("  " + line_of(problem));
  const bool is_usage =
      std::ranges::all_of(problems, [](const auto& problem) { return problem.layer == config::Layer::command_line; });
  return is_usage ? ExitCode::usage : ExitCode::configuration;
}

ExitCode report_good(const Console& console, const config::Config& config) {
  if (console.json()) {
    console.print(fmt::format("{{\"ok\":true,\"problems\":[],\"warnings\":{}}}\n", to_json(config.warnings)));
  }
  for (const auto& warning : config.warnings) console.complain("warning: " + line_of(warning));
  console.say("the configuration is in order");
  return ExitCode::done;
}

ExitCode show_config(const Console& console, const ConfigShow& command, const config::Config& config) {
  std::string text;
  for (const auto& described : config.described) {
    if (console.json()) {
      JsonMembers members{{"variable", described.variable},
                          {"key", described.key},
                          {"value", described.value},
                          {"secret", described.is_secret}};
      if (command.origin) {
        members.emplace_back("layer", std::string(name(described.layer)));
        members.emplace_back("source", described.source);
      }
      text += (text.empty() ? "" : ",\n") + cli::to_json(members);
      continue;
    }
    text += fmt::format("{}={}", described.variable, described.value);
    if (command.origin) {
      text += fmt::format("  # {}{}", name(described.layer), described.source.empty() ? "" : " " + described.source);
    }
    text += '\n';
  }
  console.print(console.json() ? "[" + text + "]\n" : text);
  return ExitCode::done;
}

}  // namespace mcp::cli
