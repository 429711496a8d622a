// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "cli/console.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "core/json.hpp"

namespace mcp::cli {
namespace {

struct Render {
  std::string operator()(const std::string& text) const { return json::quoted(text); }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(int number) const { return std::to_string(number); }
  template <class T>
  std::string operator()(const std::vector<T>& list) const {
    std::string text;
    for (const auto& element : list) text += (text.empty() ? "" : ",") + (*this)(element);
    return "[" + text + "]";
  }
};

void put(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

}  // namespace

std::string to_json(const JsonMembers& members) {
  std::string text;
  for (const auto& [name, value] : members) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", json::quoted(name), std::visit(Render{}, value));
  }
  return "{" + text + "}";
}

void Console::print(std::string_view text) const { put(stdout, text); }

void Console::say(std::string_view line) const {
  if (!json_ && !quiet_) put(stdout, fmt::format("{}\n", line));
}

void Console::complain(std::string_view line) const { put(stderr, fmt::format("mcp-messenger: {}\n", line)); }

}  // namespace mcp::cli
