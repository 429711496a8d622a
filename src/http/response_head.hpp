// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace mcp::http {

// What the head of an answer depends on besides the answer: kept from the request, which the handler consumes.
struct AnswerContext {
  Method method = Method::get;
  std::string path;
  std::string request_id;
  std::string cors_origin;  // the request's Origin when it may read the answer; empty otherwise
  bool varies_by_origin = false;
  bool is_preflight = false;
  bool is_strictly_tls = false;  // then Strict-Transport-Security
  bool keep_alive = true;
};

AnswerContext answer_context(const Request& request, const std::vector<std::string>& cors_origins, bool hsts);

// The headers that every answer carries, a WebSocket handshake's included (contract-rest 1.2): request id, security
// headers with the content policy of the path, CORS. Each line ended by CRLF.
std::string common_headers(const AnswerContext& context);

// Status line and all headers, the blank line included. Content-Length is that of the body, also for HEAD.
std::string response_head(const Response& response, const AnswerContext& context);

// Has an answer with this status and to this method a body on the wire?
bool has_body(const Response& response, const AnswerContext& context);

}  // namespace mcp::http
