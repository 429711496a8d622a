// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mcp {

// The closed list of contract-rest 8.2, in its order.
enum class Permission : std::uint8_t {
  user_create,
  user_read,
  user_update,
  user_delete,
  channel_create,
  channel_read,
  channel_update,
  channel_delete,
  channel_invite,
  message_create,
  message_read,
  message_update,
  message_delete,
  message_flag,
  admin_logs,
  admin_metrics,
  admin_users,
  admin_roles,
  admin_system,
  channel_join,
  admin_channels,
  admin_messages,
};
inline constexpr std::size_t permission_count = 22;

std::string_view name(Permission permission);  // "user.create"
std::optional<Permission> parse_permission(std::string_view name);

// A set of permissions.
class Permissions {
 public:
  constexpr Permissions() = default;

  constexpr void add(Permission permission) { bits_ |= bit(permission); }
  constexpr bool has(Permission permission) const { return (bits_ & bit(permission)) != 0; }
  // Does it hold any admin.* permission (contract-rest 8.1 rule 5)?
  bool has_any_admin() const;
  friend constexpr bool operator==(Permissions, Permissions) = default;

 private:
  static constexpr std::uint32_t bit(Permission permission) { return 1U << static_cast<unsigned>(permission); }
  std::uint32_t bits_ = 0;
};

}  // namespace mcp
