// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "http/router.hpp"
#include "net/stream.hpp"

namespace mcp::http {

struct ServerSettings {
  std::size_t body_bytes_max = 102400;
  std::chrono::milliseconds header_timeout{10000};
  std::chrono::milliseconds keepalive_timeout{60000};
  std::vector<std::string> trusted_proxies;  // CIDR; only from these is X-Forwarded-For believed
  std::vector<std::string> cors_origins;
  bool hsts = false;  // under TLS
};

// A WebSocket upgrade that the gate let through: method, version, key and headers are as RFC 6455 section 4.2.1 asks.
struct Upgrade {
  Request request;
  std::string websocket_key;
  std::string leftover;  // bytes the client sent behind the handshake
};

// Takes over an upgraded connection, the answer to the upgrade included. Returns when the connection has ended.
using UpgradeHandler = std::function<Task<>(std::unique_ptr<net::Stream>, Upgrade)>;

// HTTP/1.1 on one connection after another: request gate, router, answer; keep-alive; upgrades go to the handler.
class Server {
 public:
  Server(ServerSettings settings, const Router& router, UpgradeHandler upgrade);
  Task<> serve(std::unique_ptr<net::Stream> stream) const;
  // From now on every answer says Connection: close.
  void drain();

 private:
  ServerSettings settings_;
  const Router& router_;
  UpgradeHandler upgrade_;
  std::shared_ptr<std::atomic<bool>> draining_;
};

}  // namespace mcp::http
