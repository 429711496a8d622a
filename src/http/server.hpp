// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/limits.hpp"
#include "core/task.hpp"
#include "http/router.hpp"
#include "http/stats.hpp"
#include "http/upgrade.hpp"
#include "net/stream.hpp"

namespace mcp::http {

struct ServerSettings {
  std::size_t body_bytes_max = 102400;
  std::chrono::milliseconds header_timeout{10000};     // from the first byte to the end of the head
  std::chrono::milliseconds keepalive_timeout{60000};  // without a byte, between requests
  std::chrono::milliseconds body_timeout{limits::request_body_max};
  std::chrono::milliseconds write_timeout{30000};  // without progress
  std::chrono::milliseconds linger_timeout{2000};  // for the client to read the last answer
  std::vector<std::string> trusted_proxies = {};   // CIDR; only from these is X-Forwarded-For believed
  std::vector<std::string> cors_origins = {};
  std::string public_url = {};  // its origin is an own one for WebSocket upgrades; may be empty
  bool hsts = false;            // Strict-Transport-Security on answers under TLS
};

// HTTP/1.1 on one connection after another: request gate, router, answer; keep-alive; upgrades go to the handler.
class Server {
 public:
  // Throws std::invalid_argument for a trusted proxy that is no network.
  Server(ServerSettings settings, const Router& router, UpgradeHandler upgrade, UpgradeGuards guards = {});
  // Returns when the connection has ended. Nothing of a request is alive while an upgraded connection is served.
  Task<> serve(std::unique_ptr<net::Stream> stream) const;
  // From now on every answer says Connection: close, upgrades are refused, and connections without a request in work
  // are closed. From any thread.
  void drain();
  const Stats& stats() const;

  struct State;  // what the connections share; private to server.cpp

 private:
  std::shared_ptr<State> state_;
};

}  // namespace mcp::http
