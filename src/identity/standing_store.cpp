// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/standing_store.hpp"

#include "core/check.hpp"

namespace mcp::identity {
namespace {

// Sessions and accounts are not locked here: whatever ends a session through the server is a unit of the same ledger,
// so it comes wholly before or wholly after this batch. Every other way in has the 1 s of contract-realtime 7.
constexpr ledger::Lookup standing_lookup{.statement = {"identity.standing", R"sql(
        SELECT asked.unit, asked.permission, COALESCE(s.is_valid, false), s.expires_at,
               COALESCE(u.status = 'active', false), COALESCE(u.force_password_change, false),
               EXISTS (SELECT 1 FROM role_permissions rp JOIN permissions p ON p.id = rp.permission_id
                       WHERE rp.role_id = u.role_id AND p.name = asked.permission)
        FROM unnest($1::int4[], $2::uuid[], $3::uuid[], $4::text[]) AS asked(unit, session_id, user_id, permission)
        LEFT JOIN sessions s ON s.id = asked.session_id AND s.user_id = asked.user_id
        LEFT JOIN users u ON u.id = asked.user_id)sql"},
                                         .order = 10};

}  // namespace

void ask_standing(ledger::Acquisition& acquisition, const Actor& actor, std::initializer_list<Permission> permissions) {
  CHECK(permissions.size() > 0);  // without a row there is no answer
  for (const auto permission : permissions) {
    acquisition.ask(standing_lookup, actor.session, actor.user, mcp::name(permission));
  }
}

Standing read_standing(const ledger::Work& work) {
  Standing standing;
  for (const auto& row : work.answers(standing_lookup)) {
    standing.is_session_valid = row.get<bool>(2);
    standing.session_expires_at = row.get<std::optional<Timestamp>>(3);
    standing.is_active = row.get<bool>(4);
    standing.must_change_password = row.get<bool>(5);
    if (const auto permission = parse_permission(row.view(1)); permission && row.get<bool>(6)) {
      standing.held.add(*permission);
    }
  }
  return standing;
}

}  // namespace mcp::identity
