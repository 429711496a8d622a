// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::config {

// Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that was probably meant: case counts for nothing, at most a third of the letters may differ.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace mcp::config
