// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace mcp::cli {

// What `version` prints, name and value: version, commit, compiler, each library.
std::vector<std::pair<std::string, std::string>> version_facts();

}  // namespace mcp::cli
