// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/session_store.hpp"

#include "identity/account_store.hpp"
#include "identity/standing.hpp"

namespace mcp::identity {
namespace {

constexpr db::Statement session_with_account{"identity.session_with_account", R"sql(
    SELECT u.id, u.username, u.email, u.first_name, u.last_name, r.id, r.name, u.status, u.created_at, u.updated_at,
           u.last_login, u.password_last_changed, u.two_factor_enabled, u.force_password_change,
           (SELECT COALESCE(string_agg(p.name, ' '), '') FROM role_permissions rp
            JOIN permissions p ON p.id = rp.permission_id WHERE rp.role_id = u.role_id),
           s.id, s.token_hash, s.is_valid, s.created_at, s.last_used_at, s.expires_at, host(s.ip_address), s.user_agent
    FROM sessions s
    JOIN users u ON u.id = s.user_id
    JOIN roles r ON r.id = u.role_id
    WHERE s.id = $1 AND s.user_id = $2 AND s.kind = 'api'
    LIMIT 1)sql"};

constexpr ledger::Lookup live_sessions_lookup{.statement = {"identity.lock_live_sessions", R"sql(
        SELECT asked.unit, s.id
        FROM unnest($1::int4[], $2::uuid[]) AS asked(unit, user_id)
        JOIN sessions s ON s.user_id = asked.user_id AND s.is_valid
        ORDER BY s.id
        FOR NO KEY UPDATE OF s)sql"},
                                              .order = 4};

constexpr ledger::Write insert_session{.statement = {"identity.insert_session", R"sql(
        INSERT INTO sessions (id, user_id, token_hash, kind, created_at, expires_at, max_expires_at, last_used_at,
                              ip_address, user_agent)
        SELECT n.id, n.user_id, n.token_hash, 'api', n.at, n.expires_at, n.max_expires_at, n.at,
               NULLIF(n.ip_address, '')::inet, NULLIF(n.user_agent, '')
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
                    $7::text[], $8::text[])
          AS n(id, user_id, token_hash, at, expires_at, max_expires_at, ip_address, user_agent))sql"},
                                       .order = 4};

constexpr ledger::Write end_session{.statement = {"identity.end_session", R"sql(
        UPDATE sessions s SET is_valid = false, ended_at = n.at, end_reason = n.reason
        FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS n(id, at, reason)
        WHERE s.id = n.id AND s.is_valid)sql"},
                                    .order = 4};

constexpr ledger::Write touch_session{.statement = {"identity.touch_session", R"sql(
        UPDATE sessions s SET last_used_at = n.at
        FROM (SELECT id, max(at) AS at, min(apart) AS apart
              FROM unnest($1::uuid[], $2::timestamptz[], $3::int8[]) AS used(id, at, apart) GROUP BY id) n
        WHERE s.id = n.id AND s.last_used_at <= n.at - make_interval(secs => n.apart))sql"},
                                      .order = 4};

}  // namespace

void write_session(ledger::Work& work, const NewSession& session) {
  work.write(insert_session, session.id, session.user, session.token_hash, work.now(), session.expires_at,
             session.max_expires_at, session.ip_address, session.user_agent);
}

void ask_live_sessions(ledger::Acquisition& acquisition, UserId user) { acquisition.ask(live_sessions_lookup, user); }

std::vector<SessionId> read_live_sessions(const ledger::Work& work) {
  std::vector<SessionId> sessions;
  for (const auto& row : work.answers(live_sessions_lookup)) {
    const auto session = row.get<SessionId>(1);
    if (!work.is_marked(session_ended_mark(session))) sessions.push_back(session);
  }
  return sessions;
}

void write_session_end(ledger::Work& work, SessionId session, std::string_view reason) {
  work.write(end_session, session, work.now(), reason);
  work.mark(session_ended_mark(session));
}

void write_session_use(ledger::Work& work, SessionId session, std::chrono::seconds apart) {
  work.write(touch_session, session, work.now(), static_cast<std::int64_t>(apart.count()));
}

Task<std::optional<StoredSession>> SessionStore::find(SessionId session, UserId user) const {
  const auto rows = co_await database_.query(session_with_account, db::Params::of(session, user));
  if (rows.empty()) co_return std::nullopt;
  const auto row = rows[0];
  const int behind = account_columns;
  Identity identity{.account = read_account_columns(row, 0),
                    .session = {.id = row.get<SessionId>(behind),
                                .user = user,
                                .created_at = row.get<Timestamp>(behind + 3),
                                .last_used_at = row.get<Timestamp>(behind + 4),
                                .expires_at = row.get<Timestamp>(behind + 5),
                                .ip_address = row.get<std::optional<std::string>>(behind + 6),
                                .user_agent = row.get<std::optional<std::string>>(behind + 7)}};
  co_return StoredSession{.identity = std::move(identity),
                          .token_hash = row.get<std::string>(behind + 1),
                          .is_valid = row.get<bool>(behind + 2)};
}

}  // namespace mcp::identity
