// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/events.hpp"
#include "channels/direct_channel_store.hpp"
#include "core/actor.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "ledger/ledger.hpp"

namespace mcp::channels {

struct DirectChannel {
  ChannelId id;
  bool is_new = false;
};

// Direct channels: one per pair, exactly two members, fixed.
class DirectChannelService {
 public:
  DirectChannelService(db::Database& database, ledger::Ledger& ledger);

  // The pair's channel, opened if need be with both members and its audit entry in one unit.
  //   operation   what the actor asked for, named in the entry of a refusal
  //   fails       not_found (peer missing, inactive, or the actor itself), forbidden (message.create), token_invalid
  Task<Result<DirectChannel>> open(Actor actor, UserId peer, audit::Operation operation);

 private:
  DirectChannelStore store_;
  ledger::Ledger& ledger_;
};

}  // namespace mcp::channels
