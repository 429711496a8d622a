// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/upgrade.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "http/error_response.hpp"
#include "http/request_gate.hpp"

namespace mcp::http {
namespace {

constexpr int upgrade_required = 426;
constexpr std::size_t key_characters = 24;  // base64 of 16 bytes (RFC 6455 section 4.2.1)

UpgradeRefusal refusal(ErrorCode code, std::string message, int status = 0) {
  return {.error = Error{.code = code, .message = std::move(message), .fields = {}}, .status = status};
}

bool is_websocket_key(std::string_view key) {
  return key.size() == key_characters && key.ends_with("==") &&
         std::ranges::all_of(key.substr(0, key_characters - 2), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
         });
}

// Does a list header, which may come in several lines, hold the token?
bool has_token(const Request& request, std::string_view header, std::string_view token) {
  return std::ranges::any_of(
      request.headers, [&](const auto& field) { return field.first == header && list_has_token(field.second, token); });
}

bool is_allowed_origin(const Request& request, const UpgradeRules& rules) {
  const auto origin = request.header("origin");
  if (!origin) return true;  // no browser: it has no cookies of ours to abuse
  const auto is_it = [&](const std::string& allowed) { return equals_ignoring_case(allowed, *origin); };
  if (std::ranges::any_of(rules.own_origins, is_it) || std::ranges::any_of(rules.other_origins, is_it)) return true;
  std::string_view host = request.header("host").value_or(std::string_view());
  const std::string_view default_port = request.is_tls ? ":443" : ":80";
  if (host.ends_with(default_port)) host.remove_suffix(default_port.size());  // browsers leave it out of Origin
  return is_it((request.is_tls ? "https://" : "http://") + std::string(host));
}

std::optional<UpgradeRefusal> refuse_malformed(const Request& request) {
  if (!has_token(request, "connection", "upgrade") || !has_token(request, "upgrade", "websocket")) {
    return refusal(ErrorCode::bad_request, "a WebSocket needs Upgrade: websocket and Connection: Upgrade",
                   upgrade_required);
  }
  if (request.header("sec-websocket-version") != std::string_view("13")) {
    return refusal(ErrorCode::bad_request, "only version 13 of the WebSocket protocol is spoken here",
                   upgrade_required);
  }
  if (!is_websocket_key(request.header("sec-websocket-key").value_or(std::string_view()))) {
    return refusal(ErrorCode::bad_request, "Sec-WebSocket-Key must be 16 bytes in base64");
  }
  return std::nullopt;
}

}  // namespace

bool is_upgrade_attempt(const Request& request) {
  if (request.method != Method::get) return false;
  return request.path == "/ws" || has_token(request, "upgrade", "websocket") ||
         request.header("sec-websocket-key").has_value();
}

std::optional<UpgradeRefusal> refuse_upgrade(const Request& request, const UpgradeRules& rules, bool is_draining) {
  if (is_draining) return refusal(ErrorCode::unavailable, "the server is shutting down");
  if (rules.guards.check_network) {
    if (auto inside = rules.guards.check_network(request); !inside) return UpgradeRefusal{.error = inside.error()};
  }
  if (request.path != "/" && request.path != "/ws") return refusal(ErrorCode::not_found, "there is no WebSocket here");
  if (request.query_value("token") || request.query_value("access_token")) {
    return refusal(ErrorCode::bad_request, "a token never travels in a URL: send it in the first frame");
  }
  if (!is_allowed_origin(request, rules)) return refusal(ErrorCode::forbidden, "this origin may not open a WebSocket");
  if (auto malformed = refuse_malformed(request)) return malformed;
  if (rules.guards.admit) {
    if (auto admitted = rules.guards.admit(request); !admitted) return UpgradeRefusal{.error = admitted.error()};
  }
  return std::nullopt;
}

Response refusal_response(const UpgradeRefusal& refusal, std::string_view request_id) {
  Response response = error_response(refusal.error, request_id);
  if (refusal.status == 0) return response;
  // The problem's own status member must say what the status line says.
  const std::string coded = "\"status\":" + std::to_string(response.status);
  response.body.replace(response.body.find(coded), coded.size(), "\"status\":" + std::to_string(refusal.status));
  response.status = refusal.status;
  response.headers.emplace_back("Upgrade", "websocket");
  response.headers.emplace_back("Sec-WebSocket-Version", "13");
  return response;
}

}  // namespace mcp::http
