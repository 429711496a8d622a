// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/secret.hpp"
#include "operations/home.hpp"

namespace mcp::operations {

struct EnvLine {
  std::string name;
  Secret value;  // of characters that need no quotes
};

// Adds lines to the home's `.env` (0600, made when missing); what stands there is kept byte for byte. Throws
// Failure{configuration} when a name is there already: `setup` adds only what no layer gave, so such a line is broken.
void add_to_env_file(const Home& home, const std::vector<EnvLine>& lines);

// Does a line of `.env` set this name?
bool is_in_env_file(const Home& home, const std::string& name);

}  // namespace mcp::operations
