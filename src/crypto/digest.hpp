// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mcp::crypto {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);  // lower case, 64 characters
Sha256 hmac_sha256(std::span<const std::uint8_t> key, std::string_view bytes);
// HKDF-SHA-256 (RFC 5869), 32 bytes out.
std::array<std::uint8_t, 32> hkdf_sha256(std::span<const std::uint8_t> key, std::string_view salt,
                                         std::string_view info);
// In time that depends on the length only.
bool equal_constant_time(std::string_view a, std::string_view b);
bool equal_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

}  // namespace mcp::crypto
