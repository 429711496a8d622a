// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/permission.hpp"

#include <array>

namespace mcp {
namespace {

constexpr std::array<std::string_view, permission_count> names{
    "user.create",    "user.read",      "user.update",    "user.delete",    "channel.create", "channel.read",
    "channel.update", "channel.delete", "channel.invite", "message.create", "message.read",   "message.update",
    "message.delete", "message.flag",   "admin.logs",     "admin.metrics",  "admin.users",    "admin.roles",
    "admin.system",   "channel.join",   "admin.channels", "admin.messages"};

}  // namespace

std::string_view name(Permission permission) { return names.at(static_cast<std::size_t>(permission)); }

std::optional<Permission> parse_permission(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<Permission>(i);
  }
  return std::nullopt;
}

bool Permissions::has_any_admin() const {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].starts_with("admin.") && has(static_cast<Permission>(i))) return true;
  }
  return false;
}

}  // namespace mcp
