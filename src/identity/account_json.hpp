// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "identity/account.hpp"

namespace mcp::identity {

// User as its owner sees it (contract-rest 2): the full view with the permissions, without the administrators' fields.
//   presence   online, away, busy or offline
std::string own_account_to_json(const Account& account, std::string_view presence);

// GET /api/users/me: the same with the session that asks.
//   connections   live sockets of that session
std::string me_to_json(const Identity& identity, std::string_view presence, std::size_t connections);

}  // namespace mcp::identity
