// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/session_json.hpp"

#include <fmt/format.h>

#include "core/json.hpp"

namespace mcp::identity {
namespace {

std::string text_or_null(const std::optional<std::string>& text) { return text ? json::quoted(*text) : "null"; }

}  // namespace

std::string session_to_json(const Session& session, bool is_current, std::size_t connections) {
  return fmt::format(R"({{"id":"{}","userId":"{}","kind":"api","createdAt":"{}","lastUsedAt":"{}","expiresAt":"{}",)"
                     R"("ipAddress":{},"userAgent":{},"current":{},"connections":{}}})",
                     session.id.text(), session.user.text(), to_iso8601(session.created_at),
                     to_iso8601(session.last_used_at), to_iso8601(session.expires_at), text_or_null(session.ip_address),
                     text_or_null(session.user_agent), is_current, connections);
}

std::string session_terminated_event(std::string_view reason, Timestamp at) {
  return fmt::format(R"({{"type":"session_terminated","data":{{"reason":"{}","reconnect":false}},"timestamp":"{}"}})",
                     reason, to_iso8601(at));
}

}  // namespace mcp::identity
