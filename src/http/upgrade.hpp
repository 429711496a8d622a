// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/task.hpp"
#include "http/message.hpp"
#include "net/stream.hpp"

namespace mcp::http {

// A WebSocket upgrade that the gate let through: method, version, key and headers are as RFC 6455 section 4.2.1 asks.
struct Upgrade {
  Request request;
  std::string websocket_key;
  std::string leftover;        // bytes the client sent behind the handshake
  std::string answer_headers;  // request id, security and CORS headers for the 101 answer; each line ended by CRLF
};

// Takes over an upgraded connection, the answer to the upgrade included. Returns when the connection has ended.
using UpgradeHandler = std::function<Task<>(std::unique_ptr<net::Stream>, Upgrade)>;

// The checks of an upgrade that need to know more than HTTP does. One that is empty lets everything pass.
struct UpgradeGuards {
  std::function<Result<>(const Request&)> check_network;  // network_not_allowed
  // The last check: unauthenticated sockets of the client's address (rate_limited) and of all (unavailable).
  std::function<Result<>(const Request&)> admit;
  // Writes authorization_failure for a refused Origin before the answer leaves; throws when it cannot.
  std::function<Task<>(const Request&, const Error&)> record_refusal;
};

struct UpgradeRules {
  std::vector<std::string> own_origins;    // of PUBLIC_URL; besides the one the Host header names
  std::vector<std::string> other_origins;  // CORS_ORIGINS
  UpgradeGuards guards;
};

// Does the request ask for the WebSocket, well or badly?
bool is_upgrade_attempt(const Request& request);

// Why an upgrade is refused (contract-realtime 1, in that order); nothing when it may go through. `status` 0: that of
// the error's code.
struct UpgradeRefusal {
  Error error;
  int status = 0;
};
std::optional<UpgradeRefusal> refuse_upgrade(const Request& request, const UpgradeRules& rules, bool is_draining);

Response refusal_response(const UpgradeRefusal& refusal, std::string_view request_id);

}  // namespace mcp::http
