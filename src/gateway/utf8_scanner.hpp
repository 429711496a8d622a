// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace mcp::gateway {

// UTF-8 checked piece by piece, failing at the first byte that cannot be part of a valid text (Unicode 15, table 3-7:
// no overlong forms, no surrogates, nothing above U+10FFFF). The state fits a byte, so that a connection can keep it.
class Utf8Scanner {
 public:
  static constexpr std::uint8_t between_characters = 0;
  static constexpr std::uint8_t invalid = 1;

  // The state after `bytes`, begun in `state`.
  static std::uint8_t scan(std::uint8_t state, std::string_view bytes);
};

}  // namespace mcp::gateway
