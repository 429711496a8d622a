// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/config.hpp"
#include "operations/setup.hpp"

namespace mcp::operations {

// The two ways into the server that DB_* name. Only for a configuration whose database is not the private one.
DatabaseAccess external_access(const config::Database& database);

}  // namespace mcp::operations
