// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "messages/mentions.hpp"

#include <algorithm>

namespace mcp::messages {
namespace {

constexpr std::size_t name_min = 3;
constexpr std::size_t name_max = 50;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::vector<std::string> mentioned_names(std::string_view text) {
  std::vector<std::string> names;
  for (auto at = text.find('@'); at != std::string_view::npos && names.size() < mentions_max;
       at = text.find('@', at + 1)) {
    if (at > 0 && (is_name_character(text[at - 1]) || text[at - 1] == '.')) continue;
    std::size_t end = at + 1;
    while (end < text.size() && is_name_character(text[end])) ++end;
    const auto length = end - at - 1;
    if (length < name_min || length > name_max) continue;
    std::string name(text.substr(at + 1, length));
    std::ranges::transform(name, name.begin(), lower);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace mcp::messages
