// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/network_range.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace mcp::config {
namespace {

namespace ip = boost::asio::ip;

// Without zone ("%eth0"), IPv4-mapped as IPv4.
std::optional<ip::address> parse_address(std::string_view text) {
  text = text.substr(0, text.find('%'));
  boost::system::error_code error;
  auto address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

std::array<std::uint8_t, 16> bytes_of(const ip::address& address) {
  std::array<std::uint8_t, 16> bytes{};
  if (address.is_v4()) {
    std::ranges::copy(address.to_v4().to_bytes(), bytes.begin());
  } else {
    std::ranges::copy(address.to_v6().to_bytes(), bytes.begin());
  }
  return bytes;
}

// Bit i counted from the front.
std::uint8_t mask_of_byte(std::size_t byte, unsigned prefix) {
  const int bits = std::clamp(static_cast<int>(prefix) - static_cast<int>(byte * 8), 0, 8);
  return static_cast<std::uint8_t>(0xFF00U >> bits);
}

}  // namespace

std::optional<NetworkRange> NetworkRange::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = text.find('%') == std::string_view::npos ? parse_address(text.substr(0, slash)) : std::nullopt;
  if (!address) return std::nullopt;
  NetworkRange range;
  range.is_v4_ = address->is_v4();
  unsigned prefix = range.is_v4_ ? 32 : 128;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const unsigned prefix_max = prefix;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || prefix > prefix_max) return std::nullopt;
  }
  range.prefix_ = static_cast<std::uint8_t>(prefix);
  range.network_ = bytes_of(*address);
  for (std::size_t i = 0; i < range.network_.size(); ++i) range.network_[i] &= mask_of_byte(i, prefix);
  return range;
}

bool NetworkRange::contains(std::string_view text) const {
  const auto address = parse_address(text);
  if (!address || address->is_v4() != is_v4_) return false;
  const auto bytes = bytes_of(*address);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if ((bytes[i] & mask_of_byte(i, prefix_)) != network_[i]) return false;
  }
  return true;
}

std::string NetworkRange::text() const {
  ip::address address;
  if (is_v4_) {
    address = ip::address_v4({network_[0], network_[1], network_[2], network_[3]});
  } else {
    ip::address_v6::bytes_type bytes{};
    std::ranges::copy(network_, bytes.begin());
    address = ip::address_v6(bytes);
  }
  return address.to_string() + "/" + std::to_string(prefix_);
}

std::optional<NetworkRanges> NetworkRanges::parse(std::string_view text) {
  NetworkRanges parsed;
  while (!text.empty()) {
    const auto comma = text.find(',');
    auto item = text.substr(0, comma);
    item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
    item = item.substr(0, item.find_last_not_of(' ') + 1);
    const auto range = NetworkRange::parse(item);
    if (!range) return std::nullopt;
    parsed.ranges_.push_back(*range);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) return std::nullopt;  // a comma at the end
  }
  return parsed;
}

bool NetworkRanges::contains(std::string_view address) const {
  return std::ranges::any_of(ranges_, [address](const NetworkRange& range) { return range.contains(address); });
}

bool NetworkRanges::is_open_to_all() const {
  return std::ranges::any_of(ranges_, [](const NetworkRange& range) { return range.is_everything(); });
}

std::vector<std::string> NetworkRanges::texts() const {
  std::vector<std::string> texts;
  texts.reserve(ranges_.size());
  for (const auto& range : ranges_) texts.push_back(range.text());
  return texts;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  const auto address = parse_address(host);
  return address && address->is_loopback();
}

}  // namespace mcp::config
