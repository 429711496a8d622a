// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/secret.hpp"

namespace mcp::config {

// The variables the process was started with, taken once.
class Environment {
 public:
  // Copies the process environment. Every secret (contract-config 2) is then wiped where it lay - /proc/<pid>/environ
  // shows that memory - and unset. Call before other threads exist.
  static Environment take();
  // For tests and for callers that have none.
  static Environment of(std::map<std::string, std::string> values);

  // Null when not set.
  const Secret* find(std::string_view name) const;

 private:
  std::map<std::string, Secret, std::less<>> values_;
};

}  // namespace mcp::config
