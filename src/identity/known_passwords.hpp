// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace mcp::identity {

// Words that the published lists of most used passwords are made of, in lower case, ascending. Digits and signs at
// their ends are left out: password_policy takes those off before it looks a password up, so that one word stands for
// its many decorated forms ("Welcome2024!").
std::span<const std::string_view> known_passwords();

}  // namespace mcp::identity
