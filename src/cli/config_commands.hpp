// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/console.hpp"
#include "cli/exit_code.hpp"
#include "cli/invocation.hpp"
#include "config/config.hpp"

namespace mcp::cli {

// Every problem by variable name, on standard error; as JSON on standard output with --json. The exit code: usage when
// nothing but the command line is wrong.
ExitCode report_problems(const Console& console, const std::vector<config::Problem>& problems);

// `config check` on a configuration without problems: its warnings.
ExitCode report_good(const Console& console, const config::Config& config);

// `config show`.
ExitCode show_config(const Console& console, const ConfigShow& command, const config::Config& config);

}  // namespace mcp::cli
