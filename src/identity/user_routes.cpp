// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/user_routes.hpp"

#include <utility>

#include "identity/account_json.hpp"

namespace mcp::identity {
namespace {

// Open while a second factor is missing, but not while the password must be changed (contract-rest 1.3).
Task<Result<http::Response>> get_me(SessionService* sessions, LiveView live, http::Call call) {
  if (call.actor->must_change_password) {
    co_return fail(ErrorCode::password_change_required, "The password must be changed first");
  }
  auto identity = co_await sessions->identity_of(std::move(*call.actor));
  if (!identity) co_return std::unexpected(std::move(identity.error()));
  co_return http::json_response(
      200, me_to_json(*identity, live.presence(identity->account.id), live.connections(identity->session.id)));
}

}  // namespace

std::vector<http::Route> user_routes(SessionService& sessions, LiveView live) {
  return {{http::Method::get, "/api/users/me", http::Access::session_restricted(), http::RateTier::standard,
           http::AuditEvent::none(), "The own account, its permissions and this session",
           [sessions = &sessions, live](http::Call call) { return get_me(sessions, live, std::move(call)); }}};
}

}  // namespace mcp::identity
