// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/account_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/json.hpp"
#include "identity/session_json.hpp"

namespace mcp::identity {
namespace {

std::string text_or_null(const std::optional<std::string>& text) { return text ? json::quoted(*text) : "null"; }

std::string time_or_null(const std::optional<Timestamp>& time) { return time ? '"' + to_iso8601(*time) + '"' : "null"; }

// Sorted by name, as GET /api/users/:id/permissions gives them.
std::string permissions_to_json(const Permissions& permissions) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < permission_count; ++i) {
    const auto permission = static_cast<Permission>(i);
    if (permissions.has(permission)) names.push_back(mcp::name(permission));
  }
  std::ranges::sort(names);
  std::string text = "[";
  for (const auto name : names) {
    if (text.size() > 1) text += ',';
    text += json::quoted(name);
  }
  return text += ']';
}

}  // namespace

std::string own_account_to_json(const Account& account, std::string_view presence) {
  return fmt::format(
      R"({{"id":"{}","username":{},"displayName":{},"firstName":{},"lastName":{},"role":{},"presence":"{}","status":"{}",)"
      R"("email":{},"roleId":"{}","createdAt":"{}","updatedAt":"{}","lastLogin":{},"passwordLastChanged":{},)"
      R"("twoFactorEnabled":{},"forcePasswordChange":{},"permissions":{}}})",
      account.id.text(), json::quoted(account.username), json::quoted(account.display_name()),
      text_or_null(account.first_name), text_or_null(account.last_name), json::quoted(account.role_name), presence,
      name(account.status), text_or_null(account.email), account.role_id.text(), to_iso8601(account.created_at),
      to_iso8601(account.updated_at), time_or_null(account.last_login), time_or_null(account.password_last_changed),
      account.two_factor_enabled, account.force_password_change, permissions_to_json(account.permissions));
}

std::string me_to_json(const Identity& identity, std::string_view presence, std::size_t connections) {
  std::string text = own_account_to_json(identity.account, presence);
  text.pop_back();
  return text.append(R"(,"session":)").append(session_to_json(identity.session, true, connections)).append("}");
}

}  // namespace mcp::identity
