// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mcp {

extern const std::string_view version;         // of the project, as CMake knows it
extern const std::string_view version_commit;  // of the last configure run; empty when built outside a checkout

}  // namespace mcp
