// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/config_file_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cctype>
#include <optional>
#include <utility>

#include "config/spelling.hpp"
#include "config/variables.hpp"
#include "core/json.hpp"

namespace mcp::config {
namespace {

namespace bj = boost::json;

std::vector<std::string_view> known_keys() {
  std::vector<std::string_view> keys;
  for (const auto& variable : variables()) {
    if (!variable.key.empty()) keys.push_back(variable.key);
  }
  return keys;
}

bool is_group(std::string_view key) {
  const auto prefix = std::string(key) + ".";
  return std::ranges::any_of(variables(),
                             [&prefix](const Variable& variable) { return variable.key.starts_with(prefix); });
}

// Letters and digits in lower case: "databasePassword" and "DB_PASSWORD" meet here.
std::string squeezed(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) result.push_back(static_cast<char>(std::tolower(byte)));
  }
  return result;
}

// Does an unknown key look like a place for a secret? Then the message says where secrets go.
bool looks_secret(std::string_view key) {
  const auto word = squeezed(key);
  const bool is_name = std::ranges::any_of(variables(), [&word](const Variable& variable) {
    return variable.is_secret() && word == squeezed(variable.name);
  });
  const auto leaf = squeezed(key.substr(key.rfind('.') + 1));
  return is_name || leaf.ends_with("secret") || leaf.ends_with("password") || leaf.ends_with("token") ||
         leaf == "pin" || word.ends_with("encryptionkey") || word.ends_with("metadatakey") || word.ends_with("smtpurl");
}

std::string wanted_type(const Variable& variable) {
  switch (variable.kind) {
    case Kind::boolean: return "must be true or false, without quotes";
    case Kind::integer:
    case Kind::zero_or_integer: return "must be a whole number, without quotes";
    case Kind::duration: return "must be a number of seconds or a string such as \"24h\"";
    default: return variable.is_list() ? "must be a string or an array of strings" : "must be a string";
  }
}

std::optional<std::string> joined(const bj::array& array) {
  std::string text;
  for (const auto& element : array) {
    const auto* item = element.if_string();
    if (item == nullptr || item->empty() || item->find(',') != bj::string::npos) return std::nullopt;
    if (!text.empty()) text += ',';
    text += std::string_view(*item);
  }
  return text;
}

// The value as the environment would write it; nothing when its type is wrong.
std::optional<std::string> text_of(const Variable& variable, const bj::value& value) {
  const bool takes_number =
      variable.kind == Kind::integer || variable.kind == Kind::zero_or_integer || variable.kind == Kind::duration;
  if (variable.kind == Kind::boolean) {
    if (!value.is_bool()) return std::nullopt;
    return value.get_bool() ? "true" : "false";
  }
  if (takes_number && value.is_int64()) return std::to_string(value.get_int64());
  if (takes_number && variable.kind != Kind::duration) return std::nullopt;
  if (variable.is_list() && value.is_array()) return joined(value.get_array());
  if (value.is_string()) return std::string(value.get_string());
  return std::nullopt;
}

void read(ConfigFile& file, const bj::object& object, const std::string& prefix) {
  for (const auto& member : object) {
    const std::string key = prefix + std::string(member.key());
    const auto refuse = [&](std::string message) {
      file.mistakes.push_back({.key = key, .message = std::move(message)});
    };
    if (const auto* variable = find_variable_by_key(key)) {
      auto text = text_of(*variable, member.value());
      if (text) {
        file.values.insert_or_assign(std::string(variable->name), std::move(*text));
      } else {
        refuse(wanted_type(*variable));
      }
    } else if (is_group(key)) {
      if (const auto* group = member.value().if_object()) {
        read(file, *group, key + ".");
      } else {
        refuse("must be an object");
      }
    } else if (looks_secret(key)) {
      refuse("looks like a secret, which config.json never holds: use the variable or its _FILE form");
    } else {
      const auto meant = nearest(key, known_keys());
      refuse(meant ? fmt::format("is not a key of config.json; did you mean {}?", *meant)
                   : "is not a key of config.json");
    }
  }
}

}  // namespace

ConfigFile parse_config_file(std::string_view text) {
  ConfigFile file;
  json::Position at;
  const auto value = json::parse(text, at);
  if (!value) {
    auto message = fmt::format("line {}, column {}: {}", at.line, at.column, value.error().message);
    file.mistakes.push_back({.key = at.duplicate_key, .message = std::move(message)});
  } else if (!value->is_object()) {
    file.mistakes.push_back({.key = {}, .message = "must be a JSON object"});
  } else {
    read(file, value->get_object(), {});
  }
  return file;
}

}  // namespace mcp::config
