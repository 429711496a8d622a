// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/auth_json.hpp"

#include <fmt/format.h>

#include <boost/json/value.hpp>

#include "core/json.hpp"
#include "core/limits.hpp"
#include "identity/account_json.hpp"

namespace mcp::identity {
namespace {

constexpr json::TextRule username_rule{.min = 1, .max = 50};
constexpr json::TextRule password_rule{.min = 1, .max = limits::password_code_points_max};
constexpr json::TextRule reset_token_rule{.min = 1, .max = 128};

Result<boost::json::value> parse_object(std::string_view body) {
  auto value = json::parse(body);
  if (value && !value->is_object()) return fail(ErrorCode::bad_request, "The body must be a JSON object");
  return value;
}

Secret secret(json::Fields& fields, std::string_view field, const json::TextRule& rule) {
  return Secret(fields.text(field, rule));
}

}  // namespace

Result<LoginBody> read_login(std::string_view body) {
  const auto value = parse_object(body);
  if (!value) return std::unexpected(value.error());
  json::Fields fields(value->get_object());
  LoginBody login{.username = fields.text("username", username_rule),
                  .password = secret(fields, "password", password_rule)};
  if (auto good = fields.finish(json::Unknown::refuse); !good) return std::unexpected(std::move(good.error()));
  return login;
}

Result<ChangePasswordBody> read_change_password(std::string_view body) {
  const auto value = parse_object(body);
  if (!value) return std::unexpected(value.error());
  json::Fields fields(value->get_object());
  ChangePasswordBody change{.current_password = secret(fields, "currentPassword", password_rule),
                            .new_password = secret(fields, "newPassword", password_rule)};
  if (auto good = fields.finish(json::Unknown::refuse); !good) return std::unexpected(std::move(good.error()));
  return change;
}

Result<ResetPasswordBody> read_reset_password(std::string_view body) {
  const auto value = parse_object(body);
  if (!value) return std::unexpected(value.error());
  json::Fields fields(value->get_object());
  ResetPasswordBody reset{.token = secret(fields, "token", reset_token_rule),
                          .new_password = secret(fields, "newPassword", password_rule)};
  if (auto good = fields.finish(json::Unknown::refuse); !good) return std::unexpected(std::move(good.error()));
  return reset;
}

std::string logged_in_to_json(const LoggedIn& answer, std::string_view presence) {
  return fmt::format(R"({{"token":"{}","expiresAt":"{}","user":{},"passwordChangeRequired":{}}})",
                     answer.token.reveal(), to_iso8601(answer.expires_at),
                     own_account_to_json(answer.account, presence), answer.account.force_password_change);
}

}  // namespace mcp::identity
