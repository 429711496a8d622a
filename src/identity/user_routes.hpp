// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "http/route.hpp"
#include "identity/live_view.hpp"
#include "identity/session_service.hpp"

namespace mcp::identity {

// GET /api/users/me. The service outlives the routes.
std::vector<http::Route> user_routes(SessionService& sessions, LiveView live);

}  // namespace mcp::identity
