// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/actor.hpp"
#include "core/result.hpp"
#include "http/wiped_text.hpp"

namespace mcp::http {

enum class Method : std::uint8_t { get, head, post, put, delete_, options, other };
std::string_view name(Method method);  // "GET"; "other" for the rest
Method parse_method(std::string_view name);

// A request that has passed the request gate. Header names are compared without regard to case.
struct Request {
  Method method = Method::get;
  std::string path;                                                  // decoded once, begins with '/', no dot segments
  std::vector<std::pair<std::string, std::string>> query;            // decoded; a repeated name was refused
  std::vector<std::pair<std::string, std::string>> headers;          // names lower case; what decides is there once
  std::vector<std::pair<std::string, std::string>> path_parameters;  // of the matched route: {"id", "..."}
  WipedText body;       // JSON once a handler sees it: a form was converted
  Origin origin;        // client address behind trusted proxies, user agent, request id
  bool is_tls = false;  // at the trusted proxy or here
  bool keep_alive = true;

  std::optional<std::string_view> header(std::string_view lower_case_name) const;
  std::optional<std::string_view> query_value(std::string_view key) const;
  std::string_view path_parameter(std::string_view key) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

Response json_response(int status, std::string body);
Response message_response(std::string_view message);  // {"message": ...}, 200

}  // namespace mcp::http
