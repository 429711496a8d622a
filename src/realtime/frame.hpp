// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace mcp::realtime {

// One WebSocket message, framed once (server frames are unmasked, RFC 6455 section 5.1), shared by all its receivers.
using Frame = std::shared_ptr<const std::string>;

Frame text_frame(std::string_view payload);

}  // namespace mcp::realtime
