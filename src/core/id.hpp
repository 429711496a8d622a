// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace mcp {

// 16 bytes in network order (RFC 9562). The zero UUID is the default value and names nothing.
class Uuid {
 public:
  constexpr Uuid() = default;
  explicit constexpr Uuid(std::array<std::uint8_t, 16> bytes) : bytes_(bytes) {}

  // Accepts the 36-character form in either case, any version; nothing for other text.
  static std::optional<Uuid> parse(std::string_view text);

  // Time-ordered (RFC 9562 section 5.7), monotonic within one thread and millisecond; for messages, sessions, entries.
  static Uuid v7();
  // Random (section 5.4), for everything else.
  static Uuid v4();

  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  bool is_zero() const { return *this == Uuid{}; }
  std::string text() const;  // lower case, 36 characters

  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

// A UUID that cannot be confused with another kind's.
template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  explicit constexpr Id(Uuid uuid) : uuid_(uuid) {}

  static std::optional<Id> parse(std::string_view text) {
    const auto uuid = Uuid::parse(text);
    return uuid ? std::optional<Id>(Id(*uuid)) : std::nullopt;
  }

  const Uuid& uuid() const { return uuid_; }
  bool is_zero() const { return uuid_.is_zero(); }
  std::string text() const { return uuid_.text(); }

  friend constexpr auto operator<=>(const Id&, const Id&) = default;

 private:
  Uuid uuid_;
};

using UserId = Id<struct UserTag>;
using RoleId = Id<struct RoleTag>;
using SessionId = Id<struct SessionTag>;
using ChannelId = Id<struct ChannelTag>;
using MessageId = Id<struct MessageTag>;
using ChainId = Id<struct ChainTag>;
using KeyId = Id<struct KeyTag>;
using ConnectionId = Id<struct ConnectionTag>;

}  // namespace mcp

template <>
struct std::hash<mcp::Uuid> {
  std::size_t operator()(const mcp::Uuid& uuid) const noexcept {
    std::uint64_t low = 0;  // the random end of both versions in use
    std::memcpy(&low, uuid.bytes().data() + 8, sizeof low);
    return static_cast<std::size_t>(low * 0x9E3779B97F4A7C15ULL);
  }
};

template <class Tag>
struct std::hash<mcp::Id<Tag>> {
  std::size_t operator()(const mcp::Id<Tag>& id) const noexcept { return std::hash<mcp::Uuid>{}(id.uuid()); }
};
