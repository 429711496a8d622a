// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "identity/account.hpp"

namespace mcp::identity {

// Session (contract-rest 2).
//   connections   live sockets of the session
std::string session_to_json(const Session& session, bool is_current, std::size_t connections);

// The last frame of a socket whose session ended (contract-realtime 5).
//   reason   one of its closed list: logout, revoked, expired, password_changed, ...
std::string session_terminated_event(std::string_view reason, Timestamp at);

}  // namespace mcp::identity
