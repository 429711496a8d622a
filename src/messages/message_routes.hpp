// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "http/route.hpp"
#include "messages/message_service.hpp"

namespace mcp::messages {

// GET and POST /api/messages (contract-rest 6). The service must outlive the routes.
std::vector<http::Route> message_routes(MessageService& messages);

}  // namespace mcp::messages
