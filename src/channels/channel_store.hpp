// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "channels/channel.hpp"
#include "core/id.hpp"
#include "core/task.hpp"
#include "db/database.hpp"

namespace mcp::channels {

// Whose eyes: which channels exist for a caller (contract-rest 5).
struct Viewer {
  UserId user;
  bool sees_public = false;   // channel.read
  bool sees_private = false;  // admin.channels: public and private ones, their metadata only
};

enum class ChannelSort : std::uint8_t { name, last_activity };

// A place in the list: the value it is sorted by, as the store renders it, and the id.
struct ChannelPlace {
  std::string key;
  ChannelId id;
};

struct ChannelFilter {
  std::optional<ChannelKind> kind;
  std::optional<bool> member;
  bool archived = false;
  std::string search;  // part of the name, without regard to case; empty: all
};

struct ChannelList {
  ChannelFilter filter;
  ChannelSort sort = ChannelSort::name;
  bool ascending = true;
  std::optional<ChannelPlace> behind;  // in the direction of `ascending`
  std::int64_t limit = 0;
};

// A channel as it lies in the table; `channel` without description.
struct StoredChannel {
  Channel channel;
  std::optional<std::string> encrypted_description;
  std::string sort_key;
};

class ChannelStore {
 public:
  explicit ChannelStore(db::Database& database) : database_(database) {}

  Task<std::vector<StoredChannel>> list(Viewer viewer, ChannelList list) const;
  Task<std::int64_t> count(Viewer viewer, ChannelFilter filter) const;
  Task<std::optional<StoredChannel>> find(Viewer viewer, ChannelId channel) const;

 private:
  db::Database& database_;
};

}  // namespace mcp::channels
