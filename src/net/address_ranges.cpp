// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "net/address_ranges.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace mcp::net {
namespace {

using Bytes = std::array<std::uint8_t, 16>;
constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t address_text_max = INET6_ADDRSTRLEN + 16;  // with a zone

// inet_pton is strict: no octal, no shortened IPv4 forms.
std::optional<Bytes> parse(std::string_view text) {
  if (text.size() > address_text_max) return std::nullopt;
  const std::string terminated(text.substr(0, text.find('%')));
  Bytes bytes{};
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
  if (terminated.size() != text.size()) return std::nullopt;  // only IPv6 has zones
  std::ranges::copy(mapped_prefix, bytes.begin());
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data() + mapped_prefix.size()) == 1) return bytes;
  return std::nullopt;
}

bool is_ipv4(const Bytes& bytes) { return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin()); }

bool shares_prefix(const Bytes& a, const Bytes& b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

std::optional<std::string> canonical_address(std::string_view text) {
  const auto bytes = parse(text);
  if (!bytes) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (is_ipv4(*bytes)) {
    inet_ntop(AF_INET, bytes->data() + mapped_prefix.size(), out.data(), out.size());
  } else {
    inet_ntop(AF_INET6, bytes->data(), out.data(), out.size());
  }
  return std::string(out.data());
}

AddressRanges::AddressRanges(const std::vector<std::string>& networks) {
  for (const std::string& entry : networks) {
    const std::size_t slash = entry.find('/');
    const std::string_view address = std::string_view(entry).substr(0, slash);
    const auto bytes = parse(address);
    const bool is_short = address.find(':') == std::string_view::npos;
    unsigned bits = is_short ? 32 : 128;
    bool good = bytes.has_value();
    if (good && slash != std::string::npos) {
      const char* const end = entry.data() + entry.size();
      const auto [stop, error] = std::from_chars(entry.data() + slash + 1, end, bits);
      good = error == std::errc{} && stop == end && bits <= (is_short ? 32U : 128U);
    }
    if (!good) throw std::invalid_argument("not a network in CIDR form: " + entry);
    networks_.push_back(Network{.prefix = *bytes, .bits = is_short ? bits + 96 : bits});
  }
}

bool AddressRanges::contains(std::string_view address) const {
  const auto bytes = parse(address);
  if (!bytes) return false;
  // Without the first condition "::/0" would hold every IPv4 address, too, by way of the mapped ones.
  return std::ranges::any_of(networks_, [&](const Network& network) {
    return (!is_ipv4(*bytes) || network.bits >= 96) && shares_prefix(network.prefix, *bytes, network.bits);
  });
}

}  // namespace mcp::net
