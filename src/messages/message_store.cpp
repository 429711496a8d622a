// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "messages/message_store.hpp"

#include <span>
#include <unordered_map>

#include "channels/channel.hpp"

namespace mcp::messages {
namespace {

constexpr ledger::Lookup earlier_send_lookup{.statement = {"messages.earlier_send", R"sql(
        SELECT asked.unit, m.id, m.seq, m.created_rev, m.contains_phi, m.timestamp, m.client_body_mac
        FROM unnest($1::int4[], $2::uuid[], $3::uuid[], $4::text[]) AS asked(unit, channel_id, sender_id, key)
        JOIN messages m ON m.channel_id = asked.channel_id AND m.sender_id = asked.sender_id
                       AND m.client_message_id = asked.key)sql"},
                                             .order = 30};

constexpr ledger::Lookup mentioned_lookup{.statement = {"messages.mentioned", R"sql(
        SELECT asked.unit, u.id
        FROM unnest($1::int4[], $2::uuid[], $3::text[]) AS asked(unit, channel_id, username)
        JOIN users u ON lower(u.username) = asked.username
        JOIN channel_members m ON m.channel_id = asked.channel_id AND m.user_id = u.id
        ORDER BY asked.unit, u.id)sql"},
                                          .order = 31};

constexpr ledger::Write insert_message{.statement = {"messages.insert", R"sql(
        INSERT INTO messages (id, channel_id, sender_id, seq, rev, created_rev, encrypted_text, key_id, metadata,
                              timestamp, contains_phi, client_message_id, client_body_mac)
        SELECT id, channel_id, sender_id, seq, rev, rev, encrypted_text, key_id, metadata::jsonb, sent_at, contains_phi,
               client_message_id, client_body_mac
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int8[], $5::int8[], $6::bytea[], $7::uuid[], $8::text[],
                    $9::timestamptz[], $10::boolean[], $11::text[], $12::bytea[])
          AS n(id, channel_id, sender_id, seq, rev, encrypted_text, key_id, metadata, sent_at, contains_phi,
               client_message_id, client_body_mac))sql"},
                                       .order = 20};

constexpr db::Statement select_access{"messages.content_access", R"sql(
    SELECT EXISTS (SELECT 1 FROM channel_members m WHERE m.channel_id = c.id AND m.user_id = $2)
    FROM channels c WHERE c.id = $1)sql"};

// Two halves, of which one runs: each walks the index on (channel_id, seq) from its own end. JSONB does not keep the
// spelling of an envelope (contract-data 3), so it is written anew from its members.
constexpr db::Statement select_page{"messages.page", R"sql(
    SELECT m.id, m.channel_id, c.direct_key, m.sender_id, u.username::text, m.seq, m.rev, m.version,
           m.client_message_id::text, m.encrypted_text, m.key_id,
           '{"v":' || (m.metadata -> 'v')::text || ',"keyId":' || (m.metadata -> 'keyId')::text
             || ',"iv":' || (m.metadata -> 'iv')::text || ',"authTag":' || (m.metadata -> 'authTag')::text
             || ',"data":' || (m.metadata -> 'data')::text || '}',
           m.contains_phi, m.timestamp, m.edited_at, m.deleted, m.deleted_at, m.deleted_by, m.flagged
    FROM ((SELECT seq FROM messages
           WHERE channel_id = $1 AND seq > $3 AND seq < $4 AND $5 ORDER BY seq DESC LIMIT $6)
          UNION ALL
          (SELECT seq FROM messages
           WHERE channel_id = $1 AND seq > $3 AND seq < $4 AND NOT $5 ORDER BY seq LIMIT $6)) AS picked
    JOIN messages m ON m.channel_id = $1 AND m.seq = picked.seq
    JOIN channels c ON c.id = m.channel_id
    JOIN users u ON u.id = m.sender_id
    WHERE EXISTS (SELECT 1 FROM channel_members own WHERE own.channel_id = $1 AND own.user_id = $2)
    ORDER BY m.seq)sql"};

constexpr db::Statement select_reactions{"messages.reactions_of", R"sql(
    SELECT message_id, reaction::text, count(*), bool_or(user_id = $2)
    FROM message_reactions WHERE message_id = ANY($1)
    GROUP BY message_id, reaction
    ORDER BY min(created_at), reaction
    LIMIT 10000)sql"};  // 200 messages of a page with 50 kinds each (contract-rest 2)

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

StoredMessage read_stored(const db::Row& row) {
  StoredMessage stored;
  Message& message = stored.message;
  message.id = row.get<MessageId>(0);
  message.channel = row.get<ChannelId>(1);
  message.sender = row.get<UserId>(3);
  if (!row.is_null(2)) message.recipient = channels::other_party(row.view(2), message.sender);
  message.sender_name = row.get<std::string>(4);
  message.seq = row.get<std::int64_t>(5);
  message.rev = row.get<std::int64_t>(6);
  message.version = row.get<std::int32_t>(7);
  message.client_message_id = row.get<std::optional<std::string>>(8);
  if (!row.is_null(9)) stored.encrypted_text = std::string(row.view(9));
  stored.text_key = row.get<std::optional<KeyId>>(10);
  stored.encrypted_metadata = row.get<std::optional<std::string>>(11);
  message.contains_phi = row.get<bool>(12);
  message.timestamp = row.get<Timestamp>(13);
  message.edited_at = row.get<std::optional<Timestamp>>(14);
  message.deleted = row.get<bool>(15);
  message.deleted_at = row.get<std::optional<Timestamp>>(16);
  message.deleted_by = row.get<std::optional<UserId>>(17);
  message.flagged = row.get<bool>(18);
  return stored;
}

}  // namespace

void ask_earlier_send(ledger::Acquisition& acquisition, ChannelId channel, UserId sender,
                      const std::string& client_message_id) {
  acquisition.ask(earlier_send_lookup, channel, sender, client_message_id);
}

std::optional<EarlierSend> read_earlier_send(const ledger::Work& work) {
  const auto& rows = work.answers(earlier_send_lookup);
  if (rows.empty()) return std::nullopt;
  const db::Row& row = rows.front();
  return EarlierSend{.id = row.get<MessageId>(1),
                     .seq = row.get<std::int64_t>(2),
                     .rev = row.get<std::int64_t>(3),
                     .contains_phi = row.get<bool>(4),
                     .timestamp = row.get<Timestamp>(5),
                     .body_mac = row.get<db::Bytes>(6)};
}

void ask_mentioned(ledger::Acquisition& acquisition, ChannelId channel, const std::vector<std::string>& names) {
  for (const auto& name : names) acquisition.ask(mentioned_lookup, channel, name);
}

std::vector<UserId> read_mentioned(const ledger::Work& work) {
  std::vector<UserId> users;
  for (const auto& row : work.answers(mentioned_lookup)) users.push_back(row.get<UserId>(1));
  return users;
}

void write_message(ledger::Work& work, const SealedMessage& message) {
  std::optional<db::Bytes> mac;
  if (message.body_mac) mac.emplace(message.body_mac->begin(), message.body_mac->end());
  work.write(insert_message, message.id, message.channel, message.sender, message.numbers.seq, message.numbers.rev,
             bytes_of(message.encrypted_text), message.text_key, message.encrypted_metadata, work.now(),
             message.contains_phi, message.client_message_id, mac);
}

Task<ContentAccess> MessageStore::content_access(ChannelId channel, UserId user) const {
  const auto rows = co_await database_.query(select_access, db::Params::of(channel, user));
  if (rows.empty()) co_return ContentAccess{};
  co_return ContentAccess{.channel_exists = true, .is_member = rows[0].get<bool>(0)};
}

Task<std::vector<StoredMessage>> MessageStore::page(Page page) const {
  const auto rows = co_await database_.query(
      select_page,
      db::Params::of(page.channel, page.reader, page.after_seq, page.before_seq, page.from_newest, page.limit));
  std::vector<StoredMessage> messages;
  messages.reserve(rows.size());
  for (const auto row : rows) messages.push_back(read_stored(row));
  co_return messages;
}

Task<std::vector<StoredMessage>> MessageStore::with_reactions(std::vector<StoredMessage> messages,
                                                              UserId reader) const {
  std::vector<MessageId> ids;
  std::unordered_map<MessageId, Message*> by_id;
  for (auto& stored : messages) {
    if (stored.message.deleted) continue;  // a tombstone shows none
    ids.push_back(stored.message.id);
    by_id.emplace(stored.message.id, &stored.message);
  }
  db::Params params;
  params.add_array(ids).add(reader);
  const auto rows = co_await database_.query(select_reactions, std::move(params));
  for (const auto row : rows) {
    by_id.at(row.get<MessageId>(0))
        ->reactions.push_back(
            {.reaction = row.get<std::string>(1), .count = row.get<std::int64_t>(2), .mine = row.get<bool>(3)});
  }
  co_return messages;
}

}  // namespace mcp::messages
