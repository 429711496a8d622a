// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"
#include "http/message.hpp"

namespace mcp::http {

// Lets a body through that is application/json, or a flat form, which becomes a JSON object with text members, so that
// handlers read one format. A request without a body passes as it is.
//   fails  unsupported_media_type: other types, another charset than UTF-8, any content coding; bad_request: a bad form
Result<> normalise_body(Request& request);

}  // namespace mcp::http
