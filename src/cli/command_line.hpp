// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/invocation.hpp"

namespace mcp::cli {

// Help that was asked for (done), or what is wrong with the command line (usage).
struct Notice {
  ExitCode code = ExitCode::done;
  std::string text;
};

// `arguments` without the program's name. The one file that knows CLI11.
std::variant<Invocation, Notice> parse_command_line(std::vector<std::string> arguments);

// The names of all commands, "user create" for one of two words.
std::vector<std::string> command_names();

}  // namespace mcp::cli
