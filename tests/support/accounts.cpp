// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "support/accounts.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "audit/events.hpp"
#include "crypto/password_hash.hpp"

namespace mcp::test {
namespace {

// Of the password above; made with Python's hashlib.
constexpr std::string_view pbkdf2_hash =
    "7892ad9c327120e18ead9e5e94db01ad285f6ddeda50dac75e6da8a09bcf4c40"
    "3ac3eaf207eaedad1e0a7870be29b6f405d99881cff831e9a184fab3fec2f483";
constexpr std::string_view sha256_hash = "1458ebb520bca0cc3861387baebe51351aa4f6c3916d79e832bc1000bb606007";
constexpr std::string_view legacy_salt = "abcdef";

crypto::StoredPassword stored_as(std::string_view kind) {
  const Secret password{std::string(Accounts::password)};
  if (kind == "argon2id") {
    static const std::string hash = crypto::hash_password(password, {.memory_kib = 64, .time = 1});
    return {.hash = hash, .type = "argon2id", .salt = {}};
  }
  if (kind == "other_cost") {
    static const std::string hash = crypto::hash_password(password, {.memory_kib = 128, .time = 2});
    return {.hash = hash, .type = "argon2id", .salt = {}};
  }
  if (kind == "pbkdf2") return {.hash = std::string(pbkdf2_hash), .type = "pbkdf2", .salt = std::string(legacy_salt)};
  if (kind == "sha256") return {.hash = std::string(sha256_hash), .type = "sha256", .salt = std::string(legacy_salt)};
  if (kind == "unusable") return {.hash = "!", .type = "argon2id", .salt = {}};
  throw std::invalid_argument("no such kind of password");
}

}  // namespace

Origin from(std::string_view ip_address) {
  return {.ip_address = std::string(ip_address), .user_agent = "test", .request_id = Uuid::v7().text()};
}

Accounts::Accounts(identity::SessionSettings settings)
    : sessions(chat.pool, chat.ledger, hasher, signer, chat.hub, std::move(settings),
               [ahead = ahead_] { return system_now() + *ahead; }),
      accounts(chat.pool, chat.ledger, hasher, chat.hub, {}) {}

UserId Accounts::add(std::string_view username, std::string_view role, std::string_view kind) {
  const UserId user(Uuid::v4());
  const auto stored = stored_as(kind);
  chat.change(fmt::format(
      "INSERT INTO users (id, username, email, password_hash, password_hash_type, salt, role_id) "
      "SELECT '{0}', '{1}', '{1}@example.org', '{2}', '{3}', NULLIF('{4}', ''), id FROM roles WHERE name = '{5}'",
      user.text(), username, stored.hash, stored.type, stored.salt, role));
  return user;
}

void Accounts::set(UserId user, const std::string& assignments) {
  chat.change(fmt::format("UPDATE users SET {} WHERE id = '{}'", assignments, user.text()));
}

Result<identity::LoggedIn> Accounts::login(std::string_view username, std::string_view with,
                                           std::string_view ip_address) {
  return chat.run(sessions.login(from(ip_address), std::string(username), Secret(std::string(with))));
}

Result<Actor> Accounts::identify(std::string_view token) {
  auto identity = chat.run(sessions.identify(std::string(token)));
  if (!identity) return std::unexpected(identity.error());
  return identity::SessionService::actor_of(*identity, from("192.0.2.7"), Via::rest);
}

Actor Accounts::actor(std::string_view username, std::string_view ip_address) {
  const auto answer = login(username, password, ip_address);
  if (!answer) throw std::runtime_error("the person of this test cannot log in");
  auto actor = identify(answer->token.reveal());
  if (!actor) throw std::runtime_error("the person of this test is not known");
  return *actor;
}

std::string Accounts::newest(std::string_view action, std::string_view column) {
  return chat.sql(
      fmt::format("SELECT ({})::text FROM audit_logs WHERE action = '{}' ORDER BY seq DESC LIMIT 1", column, action));
}

void Accounts::flush() {
  auto entry = audit::server_entry("server_started", {});
  chat.run(chat.ledger.commit(std::make_shared<ledger::AuditUnit>(std::move(entry))));
  chat.settle();
}

EndedListener::EndedListener(Chat& chat, const Actor& actor)
    : chat_(chat), user_(actor.user), session_(actor.session), connection_{.shard = 0, .id = ConnectionId(Uuid::v4())} {
  chat_.hub.add(connection_, *this);
}

EndedListener::~EndedListener() { chat_.hub.remove(connection_); }

}  // namespace mcp::test
