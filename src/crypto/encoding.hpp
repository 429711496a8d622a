// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::crypto {

using Bytes = std::vector<std::uint8_t>;

std::string to_hex(std::span<const std::uint8_t> bytes);     // lower case
std::string to_base64(std::span<const std::uint8_t> bytes);  // standard alphabet, padded (RFC 4648 section 4)
// Strict: standard alphabet, padding required, no white space, unused bits zero.
std::optional<Bytes> from_base64(std::string_view text);
std::string to_base64url(std::span<const std::uint8_t> bytes);  // without padding (section 5)
// Strict: no padding, unused bits zero, so that one token has one spelling only.
std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace mcp::crypto
