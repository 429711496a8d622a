// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mcp::app {

inline constexpr std::string_view version = MCP_VERSION;  // of the project, set by CMake

}  // namespace mcp::app
