// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

namespace mcp {

// Ends the process with file and line. Never returns, prints no data.
[[noreturn]] void check_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace mcp

// States what only a bug of ours can break. Never reachable from input; stays on in release builds.
#define CHECK(expression) \
  (static_cast<bool>(expression) ? static_cast<void>(0) : ::mcp::check_failed(#expression, __FILE__, __LINE__))
