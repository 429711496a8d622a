// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <set>
#include <utility>

#include "core/json.hpp"
#include "core/utf8.hpp"

namespace mcp::json {
namespace {

namespace bj = boost::json;

// A misspelt name is shown to whoever sent it, but not at any length.
constexpr std::size_t shown_name_bytes_max = 64;

std::string shown_name(std::string_view name) {
  if (name.size() <= shown_name_bytes_max) return std::string(name);
  std::size_t end = shown_name_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return std::string(name.substr(0, end)) + "...";
}

// Contract-rest 1.1: no NUL, no C0 control; TAB, LF and CR where the field allows them.
bool has_forbidden_control(std::string_view text, bool allow_line_breaks) {
  return std::ranges::any_of(text, [allow_line_breaks](char c) {
    const bool is_line_break = c == '\t' || c == '\n' || c == '\r';
    return static_cast<unsigned char>(c) < 0x20 && !(is_line_break && allow_line_breaks);
  });
}

bool has_forbidden_control(const bj::value& value) {
  if (const auto* text = value.if_string()) return has_forbidden_control(*text, true);
  if (const auto* array = value.if_array()) {
    return std::ranges::any_of(*array, [](const auto& element) { return has_forbidden_control(element); });
  }
  if (const auto* object = value.if_object()) {
    return std::ranges::any_of(*object, [](const auto& member) {
      return has_forbidden_control(member.key(), false) || has_forbidden_control(member.value());
    });
  }
  return false;
}

}  // namespace

Fields::Fields(const bj::object& object, std::string path)
    : object_(object), path_(std::move(path)), read_(object.size(), false) {}

const bj::value* Fields::find(std::string_view field) {
  const auto* member = object_.find(field);
  if (member == object_.end()) return nullptr;
  read_[static_cast<std::size_t>(member - object_.begin())] = true;
  return member->value().is_null() ? nullptr : &member->value();
}

const bj::value* Fields::required(std::string_view field) {
  const auto* value = find(field);
  if (value == nullptr) refuse(field, FieldCode::required, "is required");
  return value;
}

std::optional<std::string> Fields::read_text(std::string_view field, const bj::value& value, const TextRule& rule) {
  const auto* given = value.if_string();
  if (given == nullptr) {
    refuse(field, FieldCode::type, "must be a string");
    return std::nullopt;
  }
  if (has_forbidden_control(*given, rule.allow_line_breaks)) {
    refuse(field, FieldCode::format, "must not contain control characters");
    return std::nullopt;
  }
  std::string text = rule.trim_and_normalise ? utf8::trimmed_nfc(*given) : std::string(*given);
  const auto length = utf8::code_points(text);
  if (length < rule.min) {
    refuse(field, FieldCode::too_short,
           rule.min == 1 ? "must not be empty" : fmt::format("must have at least {} characters", rule.min));
    return std::nullopt;
  }
  if (length > rule.max) {
    refuse(field, FieldCode::too_long, fmt::format("must have at most {} characters", rule.max));
    return std::nullopt;
  }
  return text;
}

std::optional<Uuid> Fields::read_uuid(std::string_view field, const bj::value& value) {
  const auto* text = value.if_string();
  if (text == nullptr) {
    refuse(field, FieldCode::type, "must be a string");
    return std::nullopt;
  }
  const auto uuid = Uuid::parse(*text);
  if (!uuid) refuse(field, FieldCode::format, "must be a UUID");
  return uuid;
}

std::optional<bool> Fields::read_bool(std::string_view field, const bj::value& value) {
  if (const auto* flag = value.if_bool()) return *flag;
  refuse(field, FieldCode::type, "must be true or false");
  return std::nullopt;
}

std::optional<std::int64_t> Fields::read_integer(std::string_view field, const bj::value& value, std::int64_t min,
                                                 std::int64_t max) {
  // 5.0 and 5 are one number in JSON.
  std::optional<std::int64_t> number;
  if (const auto* integer = value.if_int64()) number = *integer;
  if (const auto* real = value.if_double(); real != nullptr && std::abs(*real) < 1e15) {
    const auto whole = static_cast<std::int64_t>(*real);
    if (static_cast<double>(whole) == *real) number = whole;
  }
  if (!number) {
    refuse(field, FieldCode::type, "must be a whole number");
    return std::nullopt;
  }
  if (*number < min || *number > max) {
    refuse(field, FieldCode::out_of_range, fmt::format("must be from {} to {}", min, max));
    return std::nullopt;
  }
  return number;
}

std::string Fields::text(std::string_view field, const TextRule& rule) {
  const auto* value = required(field);
  return value == nullptr ? std::string() : read_text(field, *value, rule).value_or("");
}

std::optional<std::string> Fields::optional_text(std::string_view field, const TextRule& rule) {
  const auto* value = find(field);
  return value == nullptr ? std::nullopt : read_text(field, *value, rule);
}

Uuid Fields::uuid(std::string_view field) {
  const auto* value = required(field);
  return value == nullptr ? Uuid() : read_uuid(field, *value).value_or(Uuid());
}

std::optional<Uuid> Fields::optional_uuid(std::string_view field) {
  const auto* value = find(field);
  return value == nullptr ? std::nullopt : read_uuid(field, *value);
}

bool Fields::boolean(std::string_view field) {
  const auto* value = required(field);
  return value != nullptr && read_bool(field, *value).value_or(false);
}

std::optional<bool> Fields::optional_bool(std::string_view field) {
  const auto* value = find(field);
  return value == nullptr ? std::nullopt : read_bool(field, *value);
}

std::int64_t Fields::integer(std::string_view field, std::int64_t min, std::int64_t max) {
  const auto* value = required(field);
  return value == nullptr ? min : read_integer(field, *value, min, max).value_or(min);
}

std::optional<std::int64_t> Fields::optional_integer(std::string_view field, std::int64_t min, std::int64_t max) {
  const auto* value = find(field);
  return value == nullptr ? std::nullopt : read_integer(field, *value, min, max);
}

std::optional<std::vector<Uuid>> Fields::optional_uuids(std::string_view field, std::size_t count_max) {
  const auto* array = optional_array(field, count_max);
  if (array == nullptr) return std::nullopt;
  std::vector<Uuid> uuids;
  std::set<Uuid> seen;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const auto name = fmt::format("{}[{}]", field, i);
    const auto uuid = read_uuid(name, (*array)[i]);
    if (!uuid) continue;
    if (!seen.insert(*uuid).second) refuse(name, FieldCode::not_allowed, "occurs twice");
    uuids.push_back(*uuid);
  }
  return uuids;
}

std::optional<std::string> Fields::optional_object(std::string_view field, std::size_t bytes_max) {
  const auto* object = optional_nested(field);
  if (object == nullptr) return std::nullopt;
  const auto& value = object_.at(field);
  if (has_forbidden_control(value)) {
    refuse(field, FieldCode::format, "must not contain control characters");
    return std::nullopt;
  }
  auto text = canonical(value);
  if (text.size() > bytes_max) {
    refuse(field, FieldCode::too_long, fmt::format("must have at most {} bytes as JSON", bytes_max));
    return std::nullopt;
  }
  return text;
}

const bj::object* Fields::optional_nested(std::string_view field) {
  const auto* value = find(field);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) refuse(field, FieldCode::type, "must be an object");
  return value->if_object();
}

const bj::array* Fields::optional_array(std::string_view field, std::size_t count_max) {
  const auto* value = find(field);
  if (value == nullptr) return nullptr;
  const auto* array = value->if_array();
  if (array == nullptr) {
    refuse(field, FieldCode::type, "must be an array");
  } else if (array->size() > count_max) {
    refuse(field, FieldCode::too_long, fmt::format("must have at most {} elements", count_max));
    return nullptr;
  }
  return array;
}

std::string Fields::path_of(std::string_view field) const {
  return path_.empty() ? std::string(field) : fmt::format("{}.{}", path_, field);
}

void Fields::adopt(Fields nested, Unknown unknown) {
  if (unknown == Unknown::refuse) nested.collect_unknown();
  std::ranges::move(nested.errors_, std::back_inserter(errors_));
}

bool Fields::has(std::string_view field) const {
  const auto* value = object_.if_contains(field);
  return value != nullptr && !value->is_null();
}

bool Fields::clears(std::string_view field) const {
  const auto* value = object_.if_contains(field);
  return value != nullptr && value->is_null();
}

void Fields::refuse(std::string_view field, FieldCode code, std::string message) {
  errors_.push_back(FieldError{.field = path_of(field), .code = code, .message = std::move(message)});
}

void Fields::collect_unknown() {
  for (std::size_t i = 0; i < read_.size(); ++i) {
    const std::string_view name = object_.begin()[i].key();
    if (read_[i] || (path_.empty() && name == "_csrf")) continue;
    refuse(shown_name(name), FieldCode::unknown_field, "is not a field of this request");
  }
}

Result<> Fields::finish(Unknown unknown) {
  if (unknown == Unknown::refuse) collect_unknown();
  if (errors_.empty()) return {};
  return std::unexpected(Error{.code = ErrorCode::validation_failed,
                               .message = fmt::format("{} {}", errors_.front().field, errors_.front().message),
                               .fields = std::exchange(errors_, {}),
                               .retry_after = {}});
}

}  // namespace mcp::json
