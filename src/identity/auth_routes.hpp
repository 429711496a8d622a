// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "http/route.hpp"
#include "identity/account_service.hpp"
#include "identity/live_view.hpp"
#include "identity/session_service.hpp"

namespace mcp::identity {

// POST /api/auth/login, logout, change-password, reset-password. The services outlive the routes.
std::vector<http::Route> auth_routes(SessionService& sessions, AccountService& accounts, LiveView live);

// Authorization: Bearer <token> -> who is asking (contract-rest 1.3), for http::Guards::authenticate.
//   fails   auth_required (no such header), token_invalid, network_not_allowed
std::function<Task<Result<Actor>>(const http::Request&)> bearer_authentication(SessionService& sessions);

}  // namespace mcp::identity
