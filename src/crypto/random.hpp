// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/secret.hpp"

namespace mcp::crypto {

// From the kernel's generator (getrandom). Ends the process when it cannot answer.
void random_fill(std::span<std::uint8_t> into);
// `bytes` random bytes as base64url without padding (RFC 4648 section 5); 32 for tokens.
Secret random_token(std::size_t bytes);

}  // namespace mcp::crypto
