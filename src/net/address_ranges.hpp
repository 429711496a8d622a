// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::net {

// The one spelling of an address that logs, limits and audit entries use: IPv4-mapped as IPv4, IPv6 compressed and in
// lower case, no zone. Nothing for text that is no address.
std::optional<std::string> canonical_address(std::string_view text);

// A list of networks, "10.0.0.0/8", "fd00::/8"; an address without prefix length is that one host. An IPv4 network also
// holds the IPv4-mapped addresses; no IPv6 network holds an IPv4 address.
class AddressRanges {
 public:
  AddressRanges() = default;
  // Throws std::invalid_argument naming the entry that is no network.
  explicit AddressRanges(const std::vector<std::string>& networks);

  bool contains(std::string_view address) const;  // false for text that is no address
  bool empty() const { return networks_.empty(); }

 private:
  struct Network {
    std::array<std::uint8_t, 16> prefix;  // IPv4 as ::ffff:a.b.c.d
    unsigned bits;
  };
  std::vector<Network> networks_;
};

}  // namespace mcp::net
