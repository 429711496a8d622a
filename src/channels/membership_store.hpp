// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "channels/membership.hpp"
#include "ledger/unit.hpp"

namespace mcp::channels {

// Asks, in a unit's acquire(), for the channel and the user's place in it. Whoever changes a membership locks the
// channel, so with the channel locked the answer holds until COMMIT.
void ask_membership(ledger::Acquisition& acquisition, ChannelId channel, UserId user);
// The answer, with what earlier units of the batch changed.
Membership read_membership(const ledger::Work& work, ChannelId channel, UserId user);

// How many others a leaving member leaves behind.
struct Others {
  std::int64_t members = 0;
  std::int64_t admins = 0;
};
void ask_others(ledger::Acquisition& acquisition, ChannelId channel, UserId user);
Others read_others(const ledger::Work& work);

// A membership that begins at `seq`: what came before counts as read.
void write_membership(ledger::Work& work, ChannelId channel, UserId user, ChannelRole role, std::int64_t seq,
                      std::optional<UserId> added_by);
void delete_membership(ledger::Work& work, ChannelId channel, UserId user);
// Moves a reader's position to `message`, never back, and keeps the position with its time (contract-realtime 9).
void write_read_position(ledger::Work& work, ChannelId channel, UserId user, std::int64_t seq, MessageId message);

}  // namespace mcp::channels
