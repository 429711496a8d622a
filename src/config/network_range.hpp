// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::config {

// A block of IPv4 or IPv6 addresses in CIDR notation (RFC 4632). IPv4-mapped IPv6 addresses count as IPv4.
class NetworkRange {
 public:
  // "10.0.0.0/8", "2001:db8::/32"; an address alone is a block of one. Bits behind the prefix are cleared.
  static std::optional<NetworkRange> parse(std::string_view text);

  bool contains(std::string_view address) const;  // false for text that is no address
  std::string text() const;                       // "10.0.0.0/8"
  bool is_everything() const { return prefix_ == 0; }

 private:
  NetworkRange() = default;
  std::array<std::uint8_t, 16> network_{};  // IPv4 in the first four bytes
  std::uint8_t prefix_ = 0;
  bool is_v4_ = true;
};

// A comma list of blocks.
class NetworkRanges {
 public:
  NetworkRanges() = default;
  static std::optional<NetworkRanges> parse(std::string_view text);  // "" is no block; nothing for malformed text

  bool contains(std::string_view address) const;
  bool empty() const { return ranges_.empty(); }
  // Does it hold all of IPv4 or all of IPv6?
  bool is_open_to_all() const;
  std::vector<std::string> texts() const;

 private:
  std::vector<NetworkRange> ranges_;
};

// 127.0.0.0/8, ::1, "localhost".
bool is_loopback(std::string_view host);

}  // namespace mcp::config
