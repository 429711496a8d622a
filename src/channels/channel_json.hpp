// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "channels/channel.hpp"
#include "core/actor.hpp"
#include "core/clock.hpp"

namespace mcp::channels {

// Channel (contract-rest 2): what only members may see is missing for others.
//   peer_presence   online, away, busy or offline; used for direct channels only
std::string channel_to_json(const Channel& channel, std::string_view peer_presence);

// Events for those who joined the channel, the person concerned excepted (contract-realtime 5).
std::string member_joined_event(const Actor& person, ChannelId channel, ChannelRole role, Timestamp at);
//   seq   the last one the person could receive
std::string member_left_event(const Actor& person, ChannelId channel, std::int64_t seq, Timestamp at);

// channel_left without requestId: delivery was ended by the server ("membership_ended", "deleted").
std::string channel_left_notice(ChannelId channel, std::string_view reason, Timestamp at);

}  // namespace mcp::channels
