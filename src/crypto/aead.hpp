// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crypto/encoding.hpp"
#include "crypto/fault.hpp"
#include "crypto/locked_key.hpp"

namespace mcp::crypto {

struct Sealed {
  std::array<std::uint8_t, 12> iv{};
  std::array<std::uint8_t, 16> tag{};
  Bytes ciphertext;
};

// AES-256-GCM, 96-bit random nonce (NIST SP 800-38D section 8.2.2). Contexts and fetched algorithms are kept per
// thread.
Sealed seal(const LockedKey& key, std::span<const std::uint8_t> aad, std::string_view plaintext);
// Nothing when the tag does not fit (wrong key, edited bytes, other aad).
std::optional<std::string> open(const LockedKey& key, std::span<const std::uint8_t> aad, const Sealed& sealed);

}  // namespace mcp::crypto
