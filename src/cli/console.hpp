// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mcp::cli {

// A value of machine output.
using JsonValue = std::variant<std::string, bool, int, std::vector<std::string>, std::vector<int>>;
using JsonMembers = std::vector<std::pair<std::string, JsonValue>>;
std::string to_json(const JsonMembers& members);  // one object, members in the given order

// Where a command puts what it has to say: results on standard output, everything else on standard error.
class Console {
 public:
  Console(bool json, bool quiet) : json_(json), quiet_(quiet) {}

  bool json() const { return json_; }
  // What was asked for: always printed.
  void print(std::string_view text) const;
  // What is done, for a person: not with --json or --quiet.
  void say(std::string_view line) const;
  // What is wrong, "mcp-messenger: " in front.
  void complain(std::string_view line) const;

 private:
  bool json_;
  bool quiet_;
};

}  // namespace mcp::cli
