// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/account_rules.hpp"

#include <algorithm>

#include "core/utf8.hpp"

namespace mcp::identity {
namespace {

constexpr std::size_t username_length_min = 3;
constexpr std::size_t username_length_max = 50;
constexpr std::size_t email_length_max = 255;
constexpr std::size_t person_name_length_max = 100;

FieldError error(std::string_view field, FieldCode code, std::string message) {
  return {.field = std::string(field), .code = code, .message = std::move(message)};
}

bool is_control_or_space(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; }

}  // namespace

std::optional<FieldError> check_username(std::string_view username) {
  if (username.size() < username_length_min) return error("username", FieldCode::too_short, "is too short");
  if (username.size() > username_length_max) return error("username", FieldCode::too_long, "is too long");
  const bool is_good = std::ranges::all_of(username, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (!is_good) return error("username", FieldCode::format, "may hold letters, digits, _ and - only");
  return std::nullopt;
}

std::optional<FieldError> check_email(std::string_view email) {
  if (utf8::code_points(email) > email_length_max) return error("email", FieldCode::too_long, "is too long");
  const auto at = email.rfind('@');
  const bool is_good = at != std::string_view::npos && at > 0 && at + 1 < email.size() && utf8::is_valid(email) &&
                       std::ranges::none_of(email, is_control_or_space);
  if (!is_good) return error("email", FieldCode::format, "is no e-mail address");
  return std::nullopt;
}

std::optional<FieldError> check_person_name(std::string_view name, std::string_view field) {
  if (!utf8::is_valid(name)) return error(field, FieldCode::format, "is no valid text");
  if (utf8::code_points(name) > person_name_length_max) return error(field, FieldCode::too_long, "is too long");
  const bool has_control = std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (has_control || !utf8::has_visible(name)) return error(field, FieldCode::format, "is no name");
  return std::nullopt;
}

}  // namespace mcp::identity
