// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/exit_code.hpp"
#include "cli/session.hpp"

namespace mcp::cli {

// `user create`: the account and its entry user_created are committed together, on the command line's own chain.
// Throws operations::Failure, db::Fault.
ExitCode create_user(const Session& session, const UserCreate& command, const config::Config& config);

}  // namespace mcp::cli
