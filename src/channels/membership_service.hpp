// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "channels/channel.hpp"
#include "core/actor.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "ledger/ledger.hpp"
#include "realtime/hub.hpp"

namespace mcp::channels {

// channel_joined (contract-realtime 4) without resume.
struct Joined {
  ChannelId channel;
  std::int64_t head_seq = 0;
  std::int64_t head_rev = 0;
  std::int64_t live_from = 1;  // head_seq + 1: the first seq this connection will be sent
  std::int64_t last_read_seq = 0;
  ChannelRole role = ChannelRole::member;
};

// The range a connection was sent live, for the closing phi_access entry.
struct LiveRange {
  ChannelId channel;
  std::int64_t first = 0;
  std::int64_t last = 0;  // below first: nothing was sent
};

// Joining and leaving over a socket. Both go through the ledger under the channel's lock, so they have a place between two
// seqs; the hub is told in commit order.
class MembershipService {
 public:
  MembershipService(ledger::Ledger& ledger, realtime::Hub& hub);

  // Public channel: a non-member becomes one (channel.join). Private, direct: members only. The open-ended phi_access
  // {via:"live"} is durable before the first delivery.
  //   fails   not_found (absent or invisible: no difference), forbidden, conflict (archived, not a member)
  Task<Result<Joined>> join(Actor actor, ChannelId channel, realtime::ConnectionRef connection);
  // Ends delivery; in a public channel the membership, too, unless keep_membership. `live` closes the phi_access.
  //   fails   last_admin
  Task<Result<>> leave(Actor actor, ChannelId channel, bool keep_membership, realtime::ConnectionRef connection,
                       LiveRange live);
  // The connection is gone: closes the phi_access entries of its channels; does not wait.
  void delivery_ended(const Actor& actor, std::vector<LiveRange> ranges);

 private:
  ledger::Ledger& ledger_;
  realtime::Hub& hub_;
};

}  // namespace mcp::channels
