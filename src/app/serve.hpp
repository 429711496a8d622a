// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/config.hpp"

namespace mcp::app {

// `serve`: the private cluster where that is the database, the foundations, the server; then waits for signals
// (contract-config 6). On the main thread. Returns the exit code; throws operations::Failure and what has an exit code
// of its own in exit_code_of().
int serve(const config::Config& config, bool migrate);

}  // namespace mcp::app
