// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "channels/channel_service.hpp"
#include "http/route.hpp"
#include "identity/live_view.hpp"

namespace mcp::channels {

// GET /api/channels and GET /api/channels/:id (contract-rest 5). The service must outlive the routes.
//   live   presence of the other party of direct channels
std::vector<http::Route> channel_routes(ChannelService& channels, identity::LiveView live = {});

}  // namespace mcp::channels
