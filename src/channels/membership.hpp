// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "channels/channel.hpp"
#include "core/id.hpp"

namespace mcp::channels {

// A channel and one user's place in it, as the database has them under the channel's lock.
struct Membership {
  bool channel_exists = false;
  ChannelKind kind = ChannelKind::public_;
  bool is_archived = false;
  std::optional<ChannelRole> posting_role;  // who may post, from the channel's metadata; none: every member
  std::string direct_key;                   // empty unless direct
  std::optional<ChannelRole> role;          // none: not a member
  std::int64_t last_read_seq = 0;
  std::int64_t joined_seq = 0;

  bool is_member() const { return role.has_value(); }
};

// What a unit that ends a membership marks its batch with; read_membership() honours it.
std::string membership_ended_mark(ChannelId channel, UserId user);

}  // namespace mcp::channels
