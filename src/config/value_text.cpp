// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/value_text.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace mcp::config {
namespace {

constexpr std::size_t root_key_bytes = 32;

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

bool is_port(std::string_view text) {
  const auto port = parse_integer(text);
  return port && *port >= 1 && *port <= 65535;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  std::int64_t unit = 1;
  if (!text.empty()) {
    switch (text.back()) {
      case 's': unit = 1; break;
      case 'm': unit = 60; break;
      case 'h': unit = 3600; break;
      case 'd': unit = 86400; break;
      default: unit = 0;
    }
  }
  const auto number =
      parse_integer(unit == 0 ? text : text.substr(0, text.size() - std::min<std::size_t>(text.size(), 1)));
  if (!number || *number < 0 || *number > 1'000'000'000) return std::nullopt;
  return std::chrono::seconds{*number * std::max<std::int64_t>(unit, 1)};
}

std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  if (!std::ranges::all_of(text.substr(0, 2), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  if (!std::ranges::all_of(text.substr(3), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  const auto hours = parse_integer(text.substr(0, 2));
  const auto minutes = parse_integer(text.substr(3));
  if (*hours > 23 || *minutes > 59) return std::nullopt;
  return std::chrono::minutes{*hours * 60 + *minutes};
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    items.emplace_back(trimmed(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

std::optional<Url> parse_url(std::string_view text) {
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  Url url{.scheme = std::string(text.substr(0, scheme_end)), .host = {}, .rest = {}};
  std::ranges::transform(url.scheme, url.scheme.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  text.remove_prefix(scheme_end + 3);
  const bool has_bad_byte =
      std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
  if ((url.scheme != "http" && url.scheme != "https") || has_bad_byte || text.find('#') != std::string_view::npos) {
    return std::nullopt;
  }
  const auto authority_end = std::min(text.find_first_of("/?"), text.size());
  auto authority = text.substr(0, authority_end);
  url.rest = text.substr(authority_end);
  if (authority.find('@') != std::string_view::npos) return std::nullopt;
  if (authority.starts_with('[')) {
    const auto bracket = authority.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    url.host = authority.substr(1, bracket - 1);
    authority.remove_prefix(bracket + 1);
  } else {
    const auto colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    authority.remove_prefix(colon);
  }
  if (url.host.empty() || (!authority.empty() && (!authority.starts_with(':') || !is_port(authority.substr(1))))) {
    return std::nullopt;
  }
  return url;
}

std::optional<std::string> decode_root_key(std::string_view text) {
  if (text.size() != 44 || text.back() != '=') return std::nullopt;
  std::string bytes;
  bytes.reserve(root_key_bytes + 1);
  unsigned bits = 0;
  int held = 0;
  for (const char c : text.substr(0, 43)) {
    const int value = base64_value(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6 | static_cast<unsigned>(value)) & 0xFFFFU;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<char>(bits >> held & 0xFFU));
    }
  }
  if ((bits & 0x3U) != 0 || bytes.size() != root_key_bytes) return std::nullopt;  // unused bits: one key, one spelling
  return bytes;
}

}  // namespace mcp::config
