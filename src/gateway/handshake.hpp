// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mcp::gateway {

// Sec-WebSocket-Accept (RFC 6455 section 4.2.2).
std::string accept_key(std::string_view websocket_key);
// "HTTP/1.1 101 ..." whole. No sub-protocol and no extension is ever agreed on.
//   more_headers   those that every answer carries, each line ended by CRLF
std::string upgrade_accepted(std::string_view websocket_key, std::string_view more_headers);

}  // namespace mcp::gateway
