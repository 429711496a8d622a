// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/message.hpp"

#include <algorithm>
#include <array>

#include "core/json.hpp"

namespace mcp::http {
namespace {

constexpr std::array<std::string_view, 7> method_names{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "other"};

std::optional<std::string_view> find(const std::vector<std::pair<std::string, std::string>>& pairs,
                                     std::string_view key) {
  const auto found = std::ranges::find(pairs, key, &std::pair<std::string, std::string>::first);
  return found == pairs.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

}  // namespace

std::string_view name(Method method) { return method_names.at(static_cast<std::size_t>(method)); }

Method parse_method(std::string_view name) {
  const auto found = std::ranges::find(method_names.begin(), method_names.end() - 1, name);
  return static_cast<Method>(found - method_names.begin());
}

std::optional<std::string_view> Request::header(std::string_view lower_case_name) const {
  return find(headers, lower_case_name);
}

std::optional<std::string_view> Request::query_value(std::string_view key) const { return find(query, key); }

std::string_view Request::path_parameter(std::string_view key) const {
  return find(path_parameters, key).value_or(std::string_view());
}

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response message_response(std::string_view message) {
  return json_response(200, "{\"message\":" + json::quoted(message) + "}");
}

}  // namespace mcp::http
