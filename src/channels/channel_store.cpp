// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "channels/channel_store.hpp"

#include "core/check.hpp"

namespace mcp::channels {
namespace {

// Direct channels have no name and come first. Times are written so that they sort as text; names in byte order, so
// that a page boundary means the same whatever the database's collation.
constexpr db::Statement select_list{"channels.list", R"sql(
    SELECT page.id, page.kind, page.name, page.description, page.created_by, page.created_at, page.last_activity,
           page.archived, page.metadata, page.role, page.last_seq, page.last_read_seq, page.sort_key,
           (SELECT count(*) FROM channel_members n WHERE n.channel_id = page.id),
           peer.id, peer.username::text, peer.first_name::text, peer.last_name::text, r.name::text, peer.status::text
    FROM (SELECT * FROM (
            SELECT c.id, c.kind, c.name::text AS name, c.description, c.created_by, c.created_at, c.last_activity,
                   c.archived, c.metadata::text AS metadata, m.role::text AS role, c.last_seq, m.last_read_seq,
                   c.direct_key,
                   (CASE WHEN $7 THEN to_char(COALESCE(c.last_activity, c.created_at) AT TIME ZONE 'UTC',
                                              'YYYY-MM-DD"T"HH24:MI:SS.MS')
                         WHEN c.kind = 'direct' THEN '' ELSE lower(c.name) END) COLLATE "C" AS sort_key
            FROM channels c
            LEFT JOIN channel_members m ON m.channel_id = c.id AND m.user_id = $1
            WHERE (m.user_id IS NOT NULL OR (c.kind = 'public' AND $2) OR (c.kind <> 'direct' AND $3))
              AND ($4::text IS NULL OR c.kind = $4) AND ($5::boolean IS NULL OR (m.user_id IS NOT NULL) = $5)
              AND c.archived = $6
              AND ($12 = '' OR (c.kind <> 'direct' AND position(lower($12) IN lower(c.name)) > 0))) AS visible
          WHERE $9::uuid IS NULL OR (CASE WHEN $8 THEN (sort_key, id) > ($10 COLLATE "C", $9)
                                          ELSE (sort_key, id) < ($10 COLLATE "C", $9) END)
          ORDER BY CASE WHEN $8 THEN sort_key END, CASE WHEN $8 THEN id END, sort_key DESC, id DESC
          LIMIT $11) AS page
    LEFT JOIN users peer ON page.kind = 'direct'
      AND peer.id = (CASE WHEN split_part(page.direct_key, ':', 1) = $1::text THEN split_part(page.direct_key, ':', 2)
                          ELSE split_part(page.direct_key, ':', 1) END)::uuid
    LEFT JOIN roles r ON r.id = peer.role_id
    ORDER BY CASE WHEN $8 THEN page.sort_key END, CASE WHEN $8 THEN page.id END, page.sort_key DESC, page.id DESC)sql"};

constexpr db::Statement count_list{"channels.count", R"sql(
    SELECT count(*)
    FROM channels c
    LEFT JOIN channel_members m ON m.channel_id = c.id AND m.user_id = $1
    WHERE (m.user_id IS NOT NULL OR (c.kind = 'public' AND $2) OR (c.kind <> 'direct' AND $3))
      AND ($4::text IS NULL OR c.kind = $4) AND ($5::boolean IS NULL OR (m.user_id IS NOT NULL) = $5)
      AND c.archived = $6
      AND ($7 = '' OR (c.kind <> 'direct' AND position(lower($7) IN lower(c.name)) > 0)))sql"};

constexpr db::Statement select_one{"channels.find", R"sql(
    SELECT c.id, c.kind, c.name::text, c.description, c.created_by, c.created_at, c.last_activity, c.archived,
           c.metadata::text, m.role::text, c.last_seq, m.last_read_seq, '',
           (SELECT count(*) FROM channel_members n WHERE n.channel_id = c.id),
           peer.id, peer.username::text, peer.first_name::text, peer.last_name::text, r.name::text, peer.status::text
    FROM channels c
    LEFT JOIN channel_members m ON m.channel_id = c.id AND m.user_id = $1
    LEFT JOIN users peer ON c.kind = 'direct'
      AND peer.id = (CASE WHEN split_part(c.direct_key, ':', 1) = $1::text THEN split_part(c.direct_key, ':', 2)
                          ELSE split_part(c.direct_key, ':', 1) END)::uuid
    LEFT JOIN roles r ON r.id = peer.role_id
    WHERE c.id = $4 AND (m.user_id IS NOT NULL OR (c.kind = 'public' AND $2) OR (c.kind <> 'direct' AND $3)))sql"};

StoredChannel read_stored(const db::Row& row) {
  StoredChannel stored;
  Channel& channel = stored.channel;
  channel.id = row.get<ChannelId>(0);
  const auto kind = parse_channel_kind(row.view(1));
  CHECK(kind);  // the column's CHECK allows these words only
  channel.kind = *kind;
  if (channel.kind != ChannelKind::direct) channel.name = row.get<std::string>(2);
  stored.encrypted_description = row.get<std::optional<std::string>>(3);
  channel.created_by = row.get<std::optional<UserId>>(4);
  channel.created_at = row.get<Timestamp>(5);
  channel.last_activity = row.get<std::optional<Timestamp>>(6);
  channel.archived = row.get<bool>(7);
  channel.metadata = row.get<std::string>(8);
  if (!row.is_null(9)) channel.my_role = parse_channel_role(row.view(9));
  channel.last_seq = row.get<std::int64_t>(10);
  channel.last_read_seq = row.get<std::optional<std::int64_t>>(11).value_or(0);
  stored.sort_key = row.get<std::string>(12);
  channel.member_count = row.get<std::int64_t>(13);
  if (!row.is_null(14)) {
    channel.peer = Peer{.id = row.get<UserId>(14),
                        .username = row.get<std::string>(15),
                        .first_name = row.get<std::optional<std::string>>(16),
                        .last_name = row.get<std::optional<std::string>>(17),
                        .role_name = row.get<std::optional<std::string>>(18).value_or(""),
                        .status = row.get<std::string>(19)};
  }
  return stored;
}

std::optional<std::string> kind_word(const ChannelFilter& filter) {
  return filter.kind ? std::optional(std::string(name(*filter.kind))) : std::nullopt;
}

}  // namespace

Task<std::vector<StoredChannel>> ChannelStore::list(Viewer viewer, ChannelList list) const {
  const std::optional<ChannelId> behind = list.behind ? std::optional(list.behind->id) : std::nullopt;
  const auto rows = co_await database_.query(
      select_list,
      db::Params::of(viewer.user, viewer.sees_public, viewer.sees_private, kind_word(list.filter), list.filter.member,
                     list.filter.archived, list.sort == ChannelSort::last_activity, list.ascending, behind,
                     list.behind ? list.behind->key : std::string(), list.limit, list.filter.search));
  std::vector<StoredChannel> channels;
  channels.reserve(rows.size());
  for (const auto row : rows) channels.push_back(read_stored(row));
  co_return channels;
}

Task<std::int64_t> ChannelStore::count(Viewer viewer, ChannelFilter filter) const {
  const auto rows = co_await database_.query(
      count_list, db::Params::of(viewer.user, viewer.sees_public, viewer.sees_private, kind_word(filter), filter.member,
                                 filter.archived, filter.search));
  co_return rows[0].get<std::int64_t>(0);
}

Task<std::optional<StoredChannel>> ChannelStore::find(Viewer viewer, ChannelId channel) const {
  const auto rows = co_await database_.query(
      select_one, db::Params::of(viewer.user, viewer.sees_public, viewer.sees_private, channel));
  if (rows.empty()) co_return std::nullopt;
  co_return read_stored(rows[0]);
}

}  // namespace mcp::channels
