// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/query_reader.hpp"

#include <algorithm>
#include <charconv>

#include "core/utf8.hpp"

namespace mcp::http {

std::optional<std::string_view> QueryReader::take(std::string_view name) {
  read_.emplace_back(name);
  return request_.query_value(name);
}

std::optional<std::string> QueryReader::text(std::string_view name, std::size_t code_points_max) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  const bool has_control = std::ranges::any_of(*value, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (!utf8::is_valid(*value) || has_control) {
    refuse(name, FieldCode::format, "Must be text without control characters");
    return std::nullopt;
  }
  if (utf8::code_points(*value) > code_points_max) {
    refuse(name, FieldCode::too_long, "Is too long");
    return std::nullopt;
  }
  return std::string(*value);
}

std::optional<Uuid> QueryReader::uuid(std::string_view name) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  const auto uuid = Uuid::parse(*value);
  if (!uuid) refuse(name, FieldCode::format, "Must be a UUID");
  return uuid;
}

std::optional<bool> QueryReader::boolean(std::string_view name) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  if (*value == "true") return true;
  if (*value == "false") return false;
  refuse(name, FieldCode::type, "Must be true or false");
  return std::nullopt;
}

std::optional<std::int64_t> QueryReader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto [stopped, error] = std::from_chars(value->data(), end, number);
  if (error == std::errc::result_out_of_range) {
    refuse(name, FieldCode::out_of_range, "Is out of range");
    return std::nullopt;
  }
  if (error != std::errc{} || stopped != end) {
    refuse(name, FieldCode::type, "Must be a whole number");
    return std::nullopt;
  }
  if (number < min || number > max) {
    refuse(name, FieldCode::out_of_range, "Must be from " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  }
  return number;
}

std::optional<std::size_t> QueryReader::word(std::string_view name, std::initializer_list<std::string_view> words) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  const auto found = std::ranges::find(words, *value);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string allowed;
  for (const auto& word : words) allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  refuse(name, FieldCode::format, "Must be one of " + allowed);
  return std::nullopt;
}

void QueryReader::refuse_if_given(std::string_view name) {
  if (take(name)) refuse(name, FieldCode::not_allowed, "Is not offered by this server");
}

void QueryReader::refuse(std::string_view name, FieldCode code, std::string message) {
  errors_.push_back({.field = std::string(name), .code = code, .message = std::move(message)});
}

Result<> QueryReader::finish() {
  for (const auto& [name, value] : request_.query) {
    if (std::ranges::find(read_, name) == read_.end()) {
      refuse(name, FieldCode::unknown_field, "Is not a parameter of this resource");
    }
  }
  if (errors_.empty()) return {};
  return std::unexpected(Error{.code = ErrorCode::validation_failed,
                               .message = "Some parameters are not valid",
                               .fields = errors_,
                               .retry_after = {}});
}

}  // namespace mcp::http
