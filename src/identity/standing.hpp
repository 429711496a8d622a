// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "audit/events.hpp"
#include "core/actor.hpp"
#include "core/clock.hpp"
#include "core/permission.hpp"
#include "core/result.hpp"
#include "ledger/unit.hpp"

namespace mcp::identity {

// What the database says about an actor at the moment an act commits. The actor itself was read when the request or
// frame came in; the session may have ended and the role may have changed while the act waited for its batch.
struct Standing {
  bool is_session_valid = false;
  std::optional<Timestamp> session_expires_at;
  bool is_active = false;
  bool must_change_password = false;
  Permissions held;  // of those asked for
};

// What a unit that ends a session marks its batch with: an act of that session behind it in the same batch is refused.
std::string session_ended_mark(SessionId session);

// Refuses an act whose session or account is no longer good, and writes the entry of the refusal into the same batch.
//   fails   token_invalid (session ended or expired, account not active), password_change_required
Result<> require_standing(ledger::Work& work, const Actor& actor, const Standing& standing, audit::Operation operation);

// Refuses an act that needs a permission which the role no longer grants, with its entry.
//   fails   forbidden
Result<> require_permission(ledger::Work& work, const Actor& actor, const Standing& standing, Permission permission,
                            audit::Operation operation, std::optional<Uuid> target);

}  // namespace mcp::identity
