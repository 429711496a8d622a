// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "channels/direct_channel_store.hpp"

namespace mcp::channels {
namespace {

constexpr ledger::Lookup direct_pair_lookup{.statement = {"channels.direct_pair", R"sql(
        SELECT asked.unit, u.status = 'active', c.id
        FROM unnest($1::int4[], $2::text[], $3::uuid[]) AS asked(unit, direct_key, peer_id)
        JOIN users u ON u.id = asked.peer_id
        LEFT JOIN channels c ON c.direct_key = asked.direct_key)sql"},
                                            .order = 22};

constexpr ledger::Write insert_direct_channel{.statement = {"channels.insert_direct", R"sql(
        INSERT INTO channels (id, name, kind, is_private, direct_key, created_by, created_at, updated_at)
        SELECT id, direct_key, 'direct', true, direct_key, created_by, created_at, created_at
        FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[])
          AS n(id, direct_key, created_by, created_at))sql"},
                                              .order = 10};

constexpr db::Statement find_pair{"channels.find_direct_pair", R"sql(
    SELECT u.status = 'active', c.id
    FROM users u LEFT JOIN channels c ON c.direct_key = $1
    WHERE u.id = $2)sql"};

}  // namespace

void ask_direct_pair(ledger::Acquisition& acquisition, const std::string& key, UserId peer) {
  acquisition.ask(direct_pair_lookup, key, peer);
}

DirectPair read_direct_pair(const ledger::Work& work) {
  DirectPair pair;
  for (const auto& row : work.answers(direct_pair_lookup)) {
    pair = {.is_peer_active = row.get<bool>(1), .channel = row.get<std::optional<ChannelId>>(2)};
  }
  return pair;
}

void write_direct_channel(ledger::Work& work, ChannelId channel, const std::string& key, UserId created_by) {
  work.write(insert_direct_channel, channel, key, created_by, work.now());
}

Task<DirectPair> DirectChannelStore::find(std::string key, UserId peer) const {
  const auto rows = co_await database_.query(find_pair, db::Params::of(key, peer));
  if (rows.empty()) co_return DirectPair{};
  co_return DirectPair{.is_peer_active = rows[0].get<bool>(0), .channel = rows[0].get<std::optional<ChannelId>>(1)};
}

}  // namespace mcp::channels
