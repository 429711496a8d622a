// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/version.hpp"

namespace mcp {

// The macros are given to this file alone, so that a new commit compiles nothing else anew.
const std::string_view version = MCP_VERSION;
const std::string_view version_commit = MCP_COMMIT;

}  // namespace mcp
