// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/standing.hpp"

namespace mcp::identity {

std::string session_ended_mark(SessionId session) { return "session_ended:" + session.text(); }

Result<> require_standing(ledger::Work& work, const Actor& actor, const Standing& standing,
                          audit::Operation operation) {
  const bool is_expired = !standing.session_expires_at || *standing.session_expires_at <= work.now();
  const bool is_ended = !standing.is_session_valid || work.is_marked(session_ended_mark(actor.session));
  if (is_ended || is_expired || !standing.is_active) {
    const auto reason = is_ended ? "session_ended" : is_expired ? "session_expired" : "account_inactive";
    work.audit(audit::session_refused(actor, operation, reason));
    return fail_recorded(ErrorCode::token_invalid, "Session is not valid");
  }
  if (standing.must_change_password) {
    return fail(ErrorCode::password_change_required, "Password must be changed first");
  }
  return {};
}

Result<> require_permission(ledger::Work& work, const Actor& actor, const Standing& standing, Permission permission,
                            audit::Operation operation, std::optional<Uuid> target) {
  if (standing.held.has(permission)) return {};
  work.audit(audit::permission_denied(actor, operation, mcp::name(permission), target));
  return fail_recorded(ErrorCode::forbidden, "Permission is missing");
}

}  // namespace mcp::identity
