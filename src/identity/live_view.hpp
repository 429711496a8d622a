// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "core/id.hpp"

namespace mcp::identity {

// What only the sockets know about accounts and sessions. Called on any thread; unset: nobody is connected.
struct LiveView {
  std::function<std::size_t(SessionId)> connections_of = {};
  std::function<std::string_view(UserId)> presence_of = {};  // online, away, busy, offline

  std::size_t connections(SessionId session) const { return connections_of ? connections_of(session) : 0; }
  std::string_view presence(UserId user) const { return presence_of ? presence_of(user) : "offline"; }
};

}  // namespace mcp::identity
