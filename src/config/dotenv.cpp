// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/dotenv.hpp"

#include <algorithm>
#include <expected>
#include <utility>

#include "core/utf8.hpp"

namespace mcp::config {
namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  return !text.empty() && is_letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// What may stand behind a closing quote: nothing, or a comment.
bool is_rest_of_line(std::string_view text) {
  text = trimmed(text);
  return text.empty() || text.starts_with('#');
}

using Value = std::expected<std::string, std::string>;

Value single_quoted(std::string_view text) {
  const auto end = text.find('\'', 1);
  if (end == std::string_view::npos || !is_rest_of_line(text.substr(end + 1)))
    return std::unexpected("the quote is not closed");
  return std::string(text.substr(1, end - 1));
}

Value double_quoted(std::string_view text) {
  std::string value;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') {
      if (is_rest_of_line(text.substr(at + 1))) return value;
      break;
    }
    if (text[at] != '\\') {
      value.push_back(text[at]);
      continue;
    }
    const char escaped = ++at < text.size() ? text[at] : '\0';
    switch (escaped) {
      case 'n': value.push_back('\n'); break;
      case 't': value.push_back('\t'); break;
      case '"':
      case '\\':
      case '$': value.push_back(escaped); break;
      default: return std::unexpected("there is an unknown escape between the quotes");
    }
  }
  return std::unexpected("the quote is not closed");
}

Value unquoted(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '#' && blanks.find(text[at - 1]) != std::string_view::npos)
      return std::string(trimmed(text.substr(0, at)));
  }
  return std::string(text);
}

}  // namespace

Dotenv parse_dotenv(std::string_view text) {
  Dotenv parsed;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    const auto mistake = [&](std::string message) {
      parsed.mistakes.push_back({.line = number, .message = std::move(message)});
    };

    if (line.ends_with('\r')) line.remove_suffix(1);
    line = trimmed(line);
    if (line.empty() || line.starts_with('#')) continue;
    if (!utf8::is_valid(line) || line.find('\0') != std::string_view::npos) {
      mistake("is not UTF-8 text");
      continue;
    }
    if (line.starts_with("export ")) line = trimmed(line.substr(7));
    const auto equals = line.find('=');
    const auto name = trimmed(line.substr(0, equals));
    if (equals == std::string_view::npos || !is_name(name)) {
      mistake("is not NAME=value");
      continue;
    }
    const auto raw = trimmed(line.substr(equals + 1));
    auto value = raw.starts_with('\'') ? single_quoted(raw) : raw.starts_with('"') ? double_quoted(raw) : unquoted(raw);
    if (!value) {
      mistake(value.error());
    } else if (!parsed.values.emplace(std::string(name), Secret(std::move(*value))).second) {
      mistake("gives a variable a second time");
    }
  }
  return parsed;
}

}  // namespace mcp::config
