// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "support/chat.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/aead.hpp"

namespace mcp::test {
namespace {

ledger::ChainIdentity test_instance() {
  return {.chain = ChainId(Uuid::v4()),
          .instance_name = "test",
          .hostname = "test-host",
          .process_id = 4242,
          .instance_lock = std::nullopt};
}

db::PoolSettings small_pool() { return {.min_connections = 1, .max_connections = 4}; }

}  // namespace

std::vector<std::int64_t> Recorder::seqs() const {
  std::vector<std::int64_t> numbers;
  for (const auto& event : events) {
    if (event.seq > 0) numbers.push_back(event.seq);
  }
  return numbers;
}

bool Recorder::saw(std::string_view part) const {
  return std::ranges::any_of(events, [&](const Received& event) { return event.frame.contains(part); }) ||
         std::ranges::any_of(notices, [&](const std::string& notice) { return notice.contains(part); });
}

Chat::Chat()
    : hub({loop.executor()}),
      pool(loop.executor(), database_.address(), small_pool()),
      ledger(loop.executor(), database_.address(), test_instance(), system_now) {
  for (const auto purpose : {crypto::KeyPurpose::message, crypto::KeyPurpose::metadata, crypto::KeyPurpose::mac}) {
    add_key(purpose);
  }
  loop.run(pool.start());
  loop.run(ledger.start());
}

Chat::~Chat() {
  loop.run(ledger.stop());
  loop.run(pool.stop());
}

// The row is there for the foreign key; its wrapping is crypto's own test.
void Chat::add_key(crypto::KeyPurpose purpose) {
  const crypto::WrappedKey row{
      .id = KeyId(Uuid::v4()), .purpose = purpose, .state = crypto::KeyState::active, .wrapped = {}, .root_id = "test"};
  change(fmt::format(
      "INSERT INTO encryption_keys (key_id, purpose, state, wrapped_key, wrap_iv, wrap_tag, root_id) VALUES "
      "('{}', '{}', 'active', '\\x00', decode(repeat('00', 12), 'hex'), decode(repeat('00', 16), 'hex'), "
      "'test')",
      row.id.text(), crypto::name(purpose)));
  keys.add(row, crypto::LockedKey::random());
}

Actor Chat::person(std::string_view username, std::string_view role) {
  Actor actor;
  actor.user = UserId(Uuid::v4());
  actor.session = SessionId(Uuid::v7());
  actor.username = username;
  actor.role_name = role;
  actor.origin = {.ip_address = "192.0.2.7", .user_agent = "test", .request_id = Uuid::v7().text()};
  change(
      fmt::format("INSERT INTO users (id, username, password_hash, role_id) "
                  "SELECT '{0}', '{1}', '!', id FROM roles WHERE name = '{2}';"
                  "INSERT INTO sessions (id, user_id, token_hash, expires_at, max_expires_at) "
                  "VALUES ('{3}', '{0}', '{3}', now() + interval '1 day', now() + interval '7 days')",
                  actor.user.text(), username, role, actor.session.text()));
  const auto granted =
      sql(fmt::format("SELECT string_agg(p.name, ' ') FROM role_permissions rp "
                      "JOIN permissions p ON p.id = rp.permission_id JOIN roles r ON r.id = rp.role_id "
                      "WHERE r.name = '{}'",
                      role));
  for (std::size_t at = 0; at < granted.size();) {
    const auto end = std::min(granted.find(' ', at), granted.size());
    if (const auto permission = parse_permission(std::string_view(granted).substr(at, end - at))) {
      actor.permissions.add(*permission);
    }
    at = end + 1;
  }
  return actor;
}

ChannelId Chat::channel(std::string_view name, std::string_view kind, const std::vector<Actor>& members) {
  const ChannelId channel(Uuid::v4());
  std::string statements =
      fmt::format("INSERT INTO channels (id, name, kind, is_private) VALUES ('{}', '{}', '{}', {});", channel.text(),
                  name, kind, kind != "public");
  for (std::size_t i = 0; i < members.size(); ++i) {
    statements += fmt::format("INSERT INTO channel_members (channel_id, user_id, role) VALUES ('{}', '{}', '{}');",
                              channel.text(), members[i].user.text(), i == 0 ? "admin" : "member");
  }
  change(statements);
  return channel;
}

realtime::ConnectionRef Chat::connect(Recorder& recorder) {
  const realtime::ConnectionRef connection{.shard = 0, .id = ConnectionId(Uuid::v4())};
  hub.add(connection, recorder);
  return connection;
}

void Chat::settle() {
  loop.context().restart();
  loop.context().poll();
}

std::int64_t Chat::number(const std::string& query) const {
  return std::stoll(sql(fmt::format("SELECT ({})::text", query)));
}

std::int64_t Chat::entries(std::string_view action) const {
  return number(fmt::format("SELECT count(*) FROM audit_logs WHERE action = '{}'", action));
}

std::string Chat::details(std::string_view action) const {
  return sql(fmt::format("SELECT details::text FROM audit_logs WHERE action = '{}' ORDER BY seq DESC LIMIT 1", action));
}

}  // namespace mcp::test
