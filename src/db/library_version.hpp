// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mcp::db {

std::string libpq_version();  // of the library that is loaded: "15.14"

}  // namespace mcp::db
