// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "channels/channel.hpp"
#include "channels/channel_store.hpp"
#include "core/actor.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "ledger/ledger.hpp"

namespace mcp::channels {

// GET /api/channels, and channel_list_request of a socket (contract-rest 5).
struct ChannelQuery {
  ChannelFilter filter;
  ChannelSort sort = ChannelSort::name;
  bool ascending = true;
  std::optional<ChannelPlace> after;   // the page behind this place ...
  std::optional<ChannelPlace> before;  // ... or the one in front of it
  std::size_t limit = 50;
};

struct ChannelPage {
  std::vector<Channel> channels;
  std::int64_t total = 0;
  std::optional<ChannelPlace> first;  // places of the page's ends, when it has a neighbour there
  std::optional<ChannelPlace> last;
};

class ChannelService {
 public:
  ChannelService(db::Database& database, ledger::Ledger& ledger, const crypto::Keyring& keys);

  // What the caller may see: public ones with channel.read, private ones as a member or with admin.channels, own direct
  // ones. A description that does not open is none, with a decryption_failed entry.
  Task<Result<ChannelPage>> list(Actor actor, ChannelQuery query);
  //   fails   not_found (absent or invisible)
  Task<Result<Channel>> find(Actor actor, ChannelId channel);

 private:
  Task<std::vector<Channel>> with_descriptions(Actor actor, std::vector<StoredChannel> stored);

  ChannelStore store_;
  ledger::Ledger& ledger_;
  const crypto::Keyring& keys_;
};

}  // namespace mcp::channels
