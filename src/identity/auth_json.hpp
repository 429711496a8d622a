// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "identity/session_service.hpp"

// Bodies of /api/auth/* (contract-rest 3).
namespace mcp::identity {

struct LoginBody {
  std::string username;
  Secret password;
};
Result<LoginBody> read_login(std::string_view body);

struct ChangePasswordBody {
  Secret current_password;
  Secret new_password;
};
Result<ChangePasswordBody> read_change_password(std::string_view body);

struct ResetPasswordBody {
  Secret token;
  Secret new_password;
};
Result<ResetPasswordBody> read_reset_password(std::string_view body);

// {token, expiresAt, user, passwordChangeRequired}
std::string logged_in_to_json(const LoggedIn& answer, std::string_view presence);

}  // namespace mcp::identity
