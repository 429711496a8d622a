// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/id.hpp"

namespace mcp::channels {

enum class ChannelKind : std::uint8_t { public_, private_, direct };
enum class ChannelRole : std::uint8_t { member, moderator, admin };
std::string_view name(ChannelKind kind);
std::string_view name(ChannelRole role);
std::optional<ChannelKind> parse_channel_kind(std::string_view text);
std::optional<ChannelRole> parse_channel_role(std::string_view text);

// The pair of a direct channel: both ids in ascending order, joined by ':' (contract-data 1). One channel per pair.
std::string direct_key(UserId one, UserId other);
// The party of a direct channel that is not `user`; none for a key that does not name them.
std::optional<UserId> other_party(std::string_view direct_key, UserId user);

// The other party of a direct channel: basic User (contract-rest 2).
struct Peer {
  UserId id;
  std::string username;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::string role_name;
  std::string status;
};

// Channel (contract-rest 2), as one caller sees it.
struct Channel {
  ChannelId id;
  ChannelKind kind = ChannelKind::public_;
  std::optional<std::string> name;         // none for direct channels
  std::optional<std::string> description;  // decrypted; none when absent or when it does not open
  std::optional<UserId> created_by;
  Timestamp created_at;
  std::optional<Timestamp> last_activity;
  bool archived = false;
  std::string metadata = "{}";
  std::int64_t member_count = 0;
  std::optional<ChannelRole> my_role;  // none: not a member
  std::int64_t last_seq = 0;           // members only on the wire
  std::int64_t last_read_seq = 0;
  std::optional<Peer> peer;  // direct channels only
};

}  // namespace mcp::channels
