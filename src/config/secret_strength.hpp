// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mcp::config {

// Why a secret is too weak for production (contract-config 3), without any part of it; nothing when it may pass.
//   text    as the operator wrote it
//   bytes   what is used of it: the decoded bytes of a root key, else the text
std::optional<std::string> weakness(std::string_view text, std::string_view bytes);

}  // namespace mcp::config
