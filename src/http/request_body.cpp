// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/request_body.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "http/request_gate.hpp"
#include "http/request_target.hpp"

namespace mcp::http {
namespace {

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// The only parameter is charset, and it can only be UTF-8.
bool has_good_parameters(std::string_view parameters) {
  if (parameters.empty()) return true;
  const std::string_view parameter = trimmed(parameters.substr(1));
  return equals_ignoring_case(parameter, "charset=utf-8") || equals_ignoring_case(parameter, "charset=\"utf-8\"");
}

std::string to_json(const NamedValues& values) {
  std::string text = "{";
  for (const auto& [key, value] : values) {
    if (text.size() > 1) text += ",";
    text += json::quoted(key) + ":" + json::quoted(value);
  }
  return text + "}";
}

}  // namespace

Result<> normalise_body(Request& request) {
  if (request.body.empty()) return {};
  const auto refuse = [] {
    return fail(ErrorCode::unsupported_media_type,
                "a body must be application/json or application/x-www-form-urlencoded, in UTF-8 and without coding");
  };
  const auto coding = request.header("content-encoding");
  if (coding && !equals_ignoring_case(*coding, "identity")) return refuse();
  const std::string_view type = request.header("content-type").value_or(std::string_view());
  const std::size_t semicolon = std::min(type.find(';'), type.size());
  if (!has_good_parameters(type.substr(semicolon))) return refuse();
  const std::string_view essence = trimmed(type.substr(0, semicolon));
  if (equals_ignoring_case(essence, "application/json")) return {};
  if (!equals_ignoring_case(essence, "application/x-www-form-urlencoded")) return refuse();
  const auto values = parse_form(request.body);
  if (!values) return std::unexpected(values.error());
  request.body = to_json(*values);
  return {};
}

}  // namespace mcp::http
