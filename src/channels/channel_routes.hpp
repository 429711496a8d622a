// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "channels/channel_service.hpp"
#include "http/route.hpp"

namespace mcp::channels {

// GET /api/channels and GET /api/channels/:id (contract-rest 5). The service must outlive the routes.
std::vector<http::Route> channel_routes(ChannelService& channels);

}  // namespace mcp::channels
