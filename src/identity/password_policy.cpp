// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/password_policy.hpp"

#include <algorithm>
#include <string>

#include "core/limits.hpp"
#include "core/utf8.hpp"
#include "identity/known_passwords.hpp"

namespace mcp::identity {
namespace {

constexpr std::size_t any_kind_length_min = 15;       // from here on no mixture of characters is asked for
constexpr std::size_t decoration_length_max = 6;      // "2024!!": more than that is part of the password
constexpr std::size_t repeated_piece_length_max = 4;  // "abcdabcdabcdabcd"

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

// "8888", "12345678", "fedcba": each character follows from the one before.
bool is_run(std::string_view text) {
  if (text.size() < 2) return true;
  const int step = text[1] - text[0];
  if (step < -1 || step > 1) return false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool wraps = text[i - 1] == '9' && text[i] == '0';
    if (text[i] - text[i - 1] != step && !(wraps && step == 1)) return false;
  }
  return true;
}

bool is_decoration(std::string_view text) { return text.size() <= decoration_length_max || is_run(text); }

// The shortest piece whose repetition is the text; the text itself when there is none.
std::string_view repeated_piece(std::string_view text) {
  for (std::size_t size = 1; size <= text.size() / 2; ++size) {
    if (text.size() % size == 0 && text.substr(size) == text.substr(0, text.size() - size)) return text.substr(0, size);
  }
  return text;
}

std::string without_look_alikes(std::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    switch (c) {
      case '0': c = 'o'; break;
      case '1':
      case '!': c = 'i'; break;
      case '3': c = 'e'; break;
      case '4':
      case '@': c = 'a'; break;
      case '5':
      case '$': c = 's'; break;
      case '7': c = 't'; break;
      default: break;
    }
  }
  return plain;
}

bool is_listed(std::string_view text) {
  const auto words = known_passwords();
  return std::ranges::binary_search(words, text) || std::ranges::binary_search(words, without_look_alikes(text));
}

FieldError error(std::string_view field, FieldCode code, std::string message) {
  return {.field = std::string(field), .code = code, .message = std::move(message)};
}

}  // namespace

bool is_common_password(std::string_view password) {
  const std::string folded = utf8::case_folded(password);
  const std::string_view whole = folded;
  if (is_run(whole) || is_listed(whole)) return true;
  const auto piece = repeated_piece(whole);
  if (piece.size() < whole.size() && (piece.size() <= repeated_piece_length_max || is_listed(piece))) return true;

  const auto* const first = std::ranges::find_if(whole, is_letter);
  if (first == whole.end()) return false;
  auto last = whole.end();
  while (!is_letter(*(last - 1))) --last;
  const std::string_view stem(first, last);
  const auto before = whole.substr(0, static_cast<std::size_t>(first - whole.begin()));
  const auto behind = whole.substr(before.size() + stem.size());
  if (!is_decoration(before) || !is_decoration(behind)) return false;
  return is_listed(stem) || is_listed(repeated_piece(stem));
}

std::optional<FieldError> check_password(const PasswordPolicy& policy, std::string_view password,
                                         std::string_view username, std::string_view field) {
  const auto length = utf8::code_points(password);
  if (length < policy.length_min) return error(field, FieldCode::too_short, "is too short");
  if (length > limits::password_code_points_max) return error(field, FieldCode::too_long, "is too long");
  const auto kinds = utf8::character_kinds(password);
  const bool is_mixed = kinds.has_upper_case && kinds.has_lower_case && kinds.has_digit;
  if (!is_mixed && length < any_kind_length_min) {
    return error(field, FieldCode::policy,
                 "needs an upper-case letter, a lower-case letter and a digit, or more length");
  }
  if (!username.empty() && utf8::case_folded(password).contains(utf8::case_folded(username))) {
    return error(field, FieldCode::policy, "must not contain the user name");
  }
  if (is_common_password(password)) return error(field, FieldCode::policy, "is too common");
  return std::nullopt;
}

}  // namespace mcp::identity
