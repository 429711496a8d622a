// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::messages {

// More names in one message than this are not looked up.
inline constexpr std::size_t mentions_max = 50;

// The names behind an '@' in a text, lower case, each once, in the order of their first appearance. A name is what may
// be a username (3 to 50 of A-Z a-z 0-9 _ -); an '@' inside a word, as in an e-mail address, starts none.
std::vector<std::string> mentioned_names(std::string_view text);

}  // namespace mcp::messages
