// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "channels/membership_store.hpp"

namespace mcp::channels {
namespace {

constexpr ledger::Lookup membership_lookup{.statement = {"channels.membership", R"sql(
        SELECT asked.unit, c.kind::text, c.archived, c.metadata ->> 'postingRole', c.direct_key, m.role::text, m.last_read_seq,
               m.joined_seq
        FROM unnest($1::int4[], $2::uuid[], $3::uuid[]) AS asked(unit, channel_id, user_id)
        JOIN channels c ON c.id = asked.channel_id
        LEFT JOIN channel_members m ON m.channel_id = asked.channel_id AND m.user_id = asked.user_id)sql"},
                                           .order = 20};

constexpr ledger::Lookup others_lookup{.statement = {"channels.others", R"sql(
        SELECT asked.unit, count(m.user_id), count(m.user_id) FILTER (WHERE m.role = 'admin')
        FROM unnest($1::int4[], $2::uuid[], $3::uuid[]) AS asked(unit, channel_id, user_id)
        LEFT JOIN channel_members m ON m.channel_id = asked.channel_id AND m.user_id <> asked.user_id
        GROUP BY asked.unit)sql"},
                                       .order = 21};

constexpr ledger::Write insert_membership{.statement = {"channels.insert_membership", R"sql(
        INSERT INTO channel_members (channel_id, user_id, role, joined_at, joined_seq, last_read_seq, added_by)
        SELECT channel_id, user_id, role, joined_at, seq, seq, added_by
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::int8[], $6::uuid[])
          AS n(channel_id, user_id, role, joined_at, seq, added_by)
        ON CONFLICT (channel_id, user_id) DO NOTHING)sql"},
                                          .order = 15};

constexpr ledger::Write remove_membership{.statement = {"channels.remove_membership", R"sql(
        DELETE FROM channel_members m
        USING unnest($1::uuid[], $2::uuid[]) AS gone(channel_id, user_id)
        WHERE m.channel_id = gone.channel_id AND m.user_id = gone.user_id)sql"},
                                          .order = 45};

constexpr ledger::Write insert_read_position{.statement = {"channels.insert_read_position", R"sql(
        INSERT INTO read_positions (channel_id, user_id, seq, message_id, read_at)
        SELECT channel_id, user_id, seq, message_id, read_at
        FROM unnest($1::uuid[], $2::uuid[], $3::int8[], $4::uuid[], $5::timestamptz[])
          AS n(channel_id, user_id, seq, message_id, read_at)
        ON CONFLICT (channel_id, user_id, seq) DO NOTHING)sql"},
                                             .order = 30};

// One row per reader and channel, whatever the batch holds: UPDATE ... FROM takes any one of several matches.
constexpr ledger::Write advance_read_position{.statement = {"channels.advance_read_position", R"sql(
        UPDATE channel_members m
        SET last_read_seq = GREATEST(m.last_read_seq, newest.seq), last_read_at = GREATEST(m.last_read_at, newest.read_at)
        FROM (SELECT channel_id, user_id, max(seq) AS seq, max(read_at) AS read_at
              FROM unnest($1::uuid[], $2::uuid[], $3::int8[], $4::timestamptz[])
                AS n(channel_id, user_id, seq, read_at)
              GROUP BY channel_id, user_id) newest
        WHERE m.channel_id = newest.channel_id AND m.user_id = newest.user_id)sql"},
                                              .order = 40};

}  // namespace

void ask_membership(ledger::Acquisition& acquisition, ChannelId channel, UserId user) {
  acquisition.ask(membership_lookup, channel, user);
}

std::string membership_ended_mark(ChannelId channel, UserId user) {
  return "membership_ended:" + channel.text() + ':' + user.text();
}

Membership read_membership(const ledger::Work& work, ChannelId channel, UserId user) {
  Membership membership;
  for (const auto& row : work.answers(membership_lookup)) {
    membership.channel_exists = true;
    membership.kind = parse_channel_kind(row.view(1)).value_or(ChannelKind::private_);
    membership.is_archived = row.get<bool>(2);
    if (!row.is_null(3)) membership.posting_role = parse_channel_role(row.view(3)).value_or(ChannelRole::admin);
    membership.direct_key = row.get<std::optional<std::string>>(4).value_or("");
    if (!row.is_null(5)) {
      membership.role = parse_channel_role(row.view(5)).value_or(ChannelRole::member);
      membership.last_read_seq = row.get<std::int64_t>(6);
      membership.joined_seq = row.get<std::optional<std::int64_t>>(7).value_or(0);
    }
  }
  if (work.is_marked(membership_ended_mark(channel, user))) membership.role.reset();
  return membership;
}

void ask_others(ledger::Acquisition& acquisition, ChannelId channel, UserId user) {
  acquisition.ask(others_lookup, channel, user);
}

Others read_others(const ledger::Work& work) {
  const auto& rows = work.answers(others_lookup);
  if (rows.empty()) return {};
  return {.members = rows.front().get<std::int64_t>(1), .admins = rows.front().get<std::int64_t>(2)};
}

void write_membership(ledger::Work& work, ChannelId channel, UserId user, ChannelRole role, std::int64_t seq,
                      std::optional<UserId> added_by) {
  work.write(insert_membership, channel, user, name(role), work.now(), seq, added_by);
}

void delete_membership(ledger::Work& work, ChannelId channel, UserId user) {
  work.write(remove_membership, channel, user);
  work.mark(membership_ended_mark(channel, user));
}

void write_read_position(ledger::Work& work, ChannelId channel, UserId user, std::int64_t seq, MessageId message) {
  work.write(insert_read_position, channel, user, seq, message, work.now());
  work.write(advance_read_position, channel, user, seq, work.now());
}

}  // namespace mcp::channels
