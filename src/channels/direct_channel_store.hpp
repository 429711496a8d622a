// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/id.hpp"
#include "core/task.hpp"
#include "db/database.hpp"
#include "ledger/unit.hpp"

namespace mcp::channels {

// The other party of a direct channel, and the pair's channel where there is one.
struct DirectPair {
  bool is_peer_active = false;  // false for an unknown account, too
  std::optional<ChannelId> channel;
};

void ask_direct_pair(ledger::Acquisition& acquisition, const std::string& key, UserId peer);
DirectPair read_direct_pair(const ledger::Work& work);
// The channel alone; its two members are written by write_membership().
void write_direct_channel(ledger::Work& work, ChannelId channel, const std::string& key, UserId created_by);

class DirectChannelStore {
 public:
  explicit DirectChannelStore(db::Database& database) : database_(database) {}
  Task<DirectPair> find(std::string key, UserId peer) const;

 private:
  db::Database& database_;
};

}  // namespace mcp::channels
