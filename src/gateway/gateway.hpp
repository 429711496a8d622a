// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/id.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "gateway/settings.hpp"
#include "http/message.hpp"
#include "http/upgrade.hpp"
#include "net/stream.hpp"

namespace mcp::realtime {
class QueueTotal;
}

namespace mcp::gateway {

class Shard;

struct GatewayStats {
  std::size_t authenticated = 0;
  std::size_t unauthenticated = 0;
  std::size_t queued_bytes = 0;  // to within 64 KiB a shard
  std::uint64_t frames_in = 0;
  std::uint64_t slow_consumers = 0;  // connections ended because they did not read
};

// The WebSocket door: takes over upgraded connections and speaks contract-realtime on them.
class Gateway {
 public:
  // `shards` in the order of net::Stream::shard().
  Gateway(const std::vector<Executor>& shards, Services services, Settings settings);
  ~Gateway();  // stop() must have returned, or the shards have stopped
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Starts the timers that watch all deadlines. Before the first connection.
  void start();

  // The last check of an upgrade, on the connection's shard (http::UpgradeGuards::admit).
  //   fails   rate_limited, unavailable
  Result<> admit_upgrade(const http::Request& request) const;
  // Answers the upgrade and serves the connection; the task is its whole life. On its shard.
  Task<> serve(std::unique_ptr<net::Stream> stream, http::Upgrade upgrade);

  // Tells every client that the server goes down (1001), each once its sends are answered; does not wait for them: the
  // listener does (net::Listener::wait_for_connections). From any thread.
  void shut_down();
  // Ends the timers. After the last connection has ended.
  Task<> stop();

  GatewayStats stats() const;                           // any thread
  std::size_t connections_of(UserId user) const;        // any thread
  std::size_t connections_of(SessionId session) const;  // any thread

 private:
  std::shared_ptr<const Settings> settings_;
  std::shared_ptr<Admissions> admissions_;
  std::shared_ptr<realtime::QueueTotal> queue_total_;
  std::vector<std::shared_ptr<Shard>> shards_;
};

}  // namespace mcp::gateway
