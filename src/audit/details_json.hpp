// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mcp::audit {

// The canonical bytes (RFC 8785) of details as JSONB prints them. Nothing when they hold what the writer never stores
// (contract-data 5.1): something else than an object, or a number that is no integer within +-(2^53 - 1) - 4.0 would
// otherwise hash like 4.
std::optional<std::string> canonical_details(std::string_view jsonb_text);

}  // namespace mcp::audit
