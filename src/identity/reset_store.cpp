// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/reset_store.hpp"

namespace mcp::identity {
namespace {

constexpr db::Statement reset_token{"identity.reset_token", R"sql(
    SELECT u.id, u.username, r.name, u.password_hash, u.password_hash_type, u.salt,
           NOT q.used AND q.expires_at > now() AND u.status = 'active'
    FROM password_reset_requests q
    JOIN users u ON u.id = q.user_id
    JOIN roles r ON r.id = u.role_id
    WHERE q.token_hash = $1
    LIMIT 1)sql"};

constexpr ledger::Lookup reset_lookup{.statement = {"identity.lock_reset", R"sql(
        SELECT asked.unit, q.user_id, q.used, q.expires_at
        FROM unnest($1::int4[], $2::text[]) AS asked(unit, token_hash)
        JOIN password_reset_requests q ON q.token_hash = asked.token_hash
        ORDER BY q.id
        FOR NO KEY UPDATE OF q)sql"},
                                      .order = 5};

constexpr ledger::Write use_up_resets{.statement = {"identity.use_up_resets", R"sql(
        UPDATE password_reset_requests q SET used = true, used_at = n.at
        FROM unnest($1::uuid[], $2::timestamptz[]) AS n(user_id, at)
        WHERE q.user_id = n.user_id AND NOT q.used)sql"},
                                      .order = 5};

}  // namespace

void write_resets_used(ledger::Work& work, UserId user) { work.write(use_up_resets, user, work.now()); }

void ask_reset(ledger::Acquisition& acquisition, const std::string& token_hash) {
  acquisition.ask(reset_lookup, token_hash);
}

bool is_reset_open(const ledger::Work& work, UserId user) {
  const auto& rows = work.answers(reset_lookup);
  if (rows.empty()) return false;
  const auto& row = rows.front();
  return row.get<UserId>(1) == user && !row.get<bool>(2) && row.get<Timestamp>(3) > work.now();
}

Task<std::optional<ResetToken>> ResetStore::find(std::string token_hash) const {
  const auto rows = co_await database_.query(reset_token, db::Params::of(token_hash));
  if (rows.empty()) co_return std::nullopt;
  co_return ResetToken{.account = read_credentials(rows[0]), .is_open = rows[0].get<bool>(6)};
}

}  // namespace mcp::identity
