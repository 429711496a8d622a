// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/exit_code.hpp"
#include "cli/session.hpp"

namespace mcp::cli {

// `setup`. Throws operations::Failure, db::Fault.
ExitCode set_up(const Session& session, const Setup& command, const config::Config& config);

// `migrate` and `init-db`. Throws operations::Failure, db::Fault, db::SchemaMismatch.
ExitCode migrate(const Session& session, const Migrate& command, const config::Config& config);

}  // namespace mcp::cli
