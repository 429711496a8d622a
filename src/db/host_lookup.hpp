// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/task.hpp"
#include "db/readiness.hpp"

namespace mcp::db {

// The addresses of a database host as libpq's hostaddr takes them ("10.0.0.7,fd00::7"), because libpq's own look-up
// would block the thread. Empty for what needs none: an address, a socket directory. Throws Fault{unavailable} when the
// name does not resolve until the deadline.
Task<std::string> look_up_host(Executor executor, std::string host, Readiness::Deadline deadline);

}  // namespace mcp::db
