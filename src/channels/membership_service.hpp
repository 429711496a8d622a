// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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
  std::int64_t first = 0;  // live_from; 0: the connection had not joined
  std::int64_t last = 0;   // below first: nothing was sent
};

// Joining and leaving over a socket. Both go through the ledger under the channel's lock, so they have a place between
// two seqs; the hub is told in commit order.
class MembershipService {
 public:
  MembershipService(ledger::Ledger& ledger, realtime::Hub& hub);

  // Public channel: a non-member becomes one (channel.join). Private, direct: members only. The open-ended phi_access
  // {via:"live"} is durable before the first delivery. With `is_live` the connection listens already and its entry is
  // open: neither is made again. Should delivery have ended by the time of the answer, the caller joins anew.
  //   fails   not_found (absent or invisible: no difference), forbidden, conflict (archived, not a member)
  Task<Result<Joined>> join(Actor actor, ChannelId channel, realtime::ConnectionRef connection, bool is_live = false);
  // Ends delivery; in a public channel also the membership unless keep_membership, and with it the delivery to the
  // person's other connections: their Listener::left() is called with the notice, and whoever owns them closes their
  // phi_access by delivery_ended(). The entry of this connection is closed here: from live.first to the channel's last
  // seq at the leave, which is the last one that can have reached it.
  //   fails   last_admin
  Task<Result<>> leave(Actor actor, ChannelId channel, bool keep_membership, realtime::ConnectionRef connection,
                       LiveRange live);
  // Delivery has ended without a leave (the connection is gone, a membership was ended elsewhere): closes the
  // phi_access entries of the ranges; does not wait.
  void delivery_ended(const Actor& actor, std::vector<LiveRange> ranges);

 private:
  ledger::Ledger& ledger_;
  realtime::Hub& hub_;
};

}  // namespace mcp::channels
