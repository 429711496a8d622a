// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "channels/channel.hpp"

#include <array>
#include <utility>

namespace mcp::channels {
namespace {

// The wire's and the columns' words, in the order of the enumerations.
constexpr std::array<std::string_view, 3> kinds{"public", "private", "direct"};
constexpr std::array<std::string_view, 3> roles{"member", "moderator", "admin"};

template <class Enumeration>
std::optional<Enumeration> find_word(const std::array<std::string_view, 3>& words, std::string_view text) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == text) return static_cast<Enumeration>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(ChannelKind kind) { return kinds[static_cast<std::size_t>(kind)]; }
std::string_view name(ChannelRole role) { return roles[static_cast<std::size_t>(role)]; }
std::optional<ChannelKind> parse_channel_kind(std::string_view text) { return find_word<ChannelKind>(kinds, text); }
std::optional<ChannelRole> parse_channel_role(std::string_view text) { return find_word<ChannelRole>(roles, text); }

std::string direct_key(UserId one, UserId other) {
  return one < other ? one.text() + ':' + other.text() : other.text() + ':' + one.text();
}

std::optional<UserId> other_party(std::string_view key, UserId user) {
  const auto colon = key.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto first = UserId::parse(key.substr(0, colon));
  const auto second = UserId::parse(key.substr(colon + 1));
  if (!first || !second) return std::nullopt;
  if (*first == user) return second;
  if (*second == user) return first;
  return std::nullopt;
}

}  // namespace mcp::channels
