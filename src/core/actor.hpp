// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/id.hpp"
#include "core/permission.hpp"
#include "core/result.hpp"

namespace mcp {

// Where a request or frame comes from: part of every audit entry.
struct Origin {
  std::string ip_address;  // without prefix length, IPv4-mapped written as IPv4; empty for the server itself
  std::string user_agent;  // at most 512 bytes, valid UTF-8; empty when the client sent none
  std::string request_id;  // X-Request-Id of a REST request, UUIDv7 made by the server for a frame
};

enum class Via : std::uint8_t { rest, websocket };

// Who is asking. Whoever calls a service passes it first; it is made by identity from a verified token and its session
// row, and lives no longer than one request or one frame.
struct Actor {
  UserId user;
  SessionId session;
  RoleId role;
  std::string username;
  std::string role_name;
  Permissions permissions;
  Origin origin;
  Via via = Via::rest;
  bool must_change_password = false;  // contract-rest 1.3: little is open to them until they do
  bool has_second_factor = false;
};

}  // namespace mcp
