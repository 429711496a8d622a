// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/result.hpp"
#include "http/message.hpp"

namespace mcp::http {

// The one place where an ErrorCode becomes a status (contract-rest 1.5).
int status_of(ErrorCode code);

// RFC 9457 application/problem+json: {type, title, status, detail, code, requestId, errors?}; WWW-Authenticate with
// 401, Retry-After with 429 and 503.
Response error_response(const Error& error, std::string_view request_id);

}  // namespace mcp::http
