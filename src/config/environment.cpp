// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/environment.hpp"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "config/variables.hpp"

namespace mcp::config {
namespace {

// Not ours, yet secrets: the misnamed JWT_SECRET of one sample, and what libpq would read behind our back.
constexpr std::array<std::string_view, 2> foreign_secrets{"TOKEN_SECRET", "PGPASSWORD"};

bool is_secret(std::string_view name) {
  const auto* variable = find_variable(name);
  return (variable != nullptr && variable->is_secret()) ||
         std::ranges::find(foreign_secrets, name) != foreign_secrets.end();
}

}  // namespace

Environment Environment::take() {
  Environment taken;
  std::vector<std::string> to_unset;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    char* const equals = strchr(*entry, '=');
    if (equals == nullptr) continue;
    std::string name(*entry, equals);
    char* const value = equals + 1;
    taken.values_.insert_or_assign(name, Secret(std::string(value)));
    if (is_secret(name)) {
      explicit_bzero(value, strlen(value));
      to_unset.push_back(std::move(name));
    }
  }
  for (const auto& name : to_unset) unsetenv(name.c_str());
  return taken;
}

Environment Environment::of(std::map<std::string, std::string> values) {
  Environment made;
  for (auto& [name, value] : values) made.values_.insert_or_assign(name, Secret(std::move(value)));
  return made;
}

const Secret* Environment::find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

}  // namespace mcp::config
