// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/actor.hpp"
#include "core/clock.hpp"
#include "core/id.hpp"
#include "core/permission.hpp"

namespace mcp::identity {

enum class AccountStatus : std::uint8_t { active, pending, inactive, suspended, deleted };
std::string_view name(AccountStatus status);
std::optional<AccountStatus> parse_account_status(std::string_view text);

// User, full view (contract-rest 2).
struct Account {
  UserId id;
  std::string username;
  std::optional<std::string> email;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  RoleId role_id;
  std::string role_name;
  AccountStatus status = AccountStatus::active;
  Timestamp created_at;
  Timestamp updated_at;
  std::optional<Timestamp> last_login;
  std::optional<Timestamp> password_last_changed;
  bool two_factor_enabled = false;
  bool force_password_change = false;
  Permissions permissions;

  bool is_active() const { return status == AccountStatus::active; }
  std::string display_name() const;  // "firstName lastName", else username
};

struct Session {
  SessionId id;
  UserId user;
  Timestamp created_at;
  Timestamp last_used_at;
  Timestamp expires_at;
  std::optional<std::string> ip_address;
  std::optional<std::string> user_agent;
};

// A verified token: who it is, and the state that decides what they may do.
struct Identity {
  Account account;
  Session session;
};

}  // namespace mcp::identity
