// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/task.hpp"
#include "net/shards.hpp"
#include "net/stream.hpp"
#include "net/tls.hpp"

namespace mcp::net {

// What is done with each connection, on its shard, after the TLS handshake. The task is the connection's whole life.
using ConnectionHandler = std::function<Task<>(std::unique_ptr<Stream>)>;

struct ListenerSettings {
  std::chrono::milliseconds handshake_timeout{10000};
  // Open at once, in whatever state; more are closed at accept. 0: as many as descriptors allow. It bounds the memory
  // that callers nobody knows yet can take. There is no share by address: all people of a site may come through one
  // address or one proxy, and may then take every place that there is.
  std::size_t connections_max = 0;
};

// One listening port, accepted on every shard (SO_REUSEPORT). Out of descriptors: accepts with a kept reserve and
// closes at once, so that the backlog never hangs; it does the same a little before (descriptors_reserved), so that the
// database, logs and certificates can still be opened. TCP_NODELAY before the handshake.
class Listener {
 public:
  // Binds at once; `host` is an address or a name, all of whose addresses are bound. The descriptor limit is read here:
  // raise it before. `tls` null: plain. Throws std::system_error (address in use -> exit 71).
  Listener(Shards& shards, const std::string& host, std::uint16_t port, std::shared_ptr<Tls> tls,
           ConnectionHandler handler, ListenerSettings settings = {});
  ~Listener();  // wait_for_connections() must have returned, or the shards have stopped
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  std::uint16_t port() const;

  void start();  // before it, clients are refused. Throws std::system_error
  // Serves what already waits in the backlog, then closes the port. From any thread.
  void stop_accepting();
  // After stop_accepting(). Waits until every connection's task has ended; closes what is left at `deadline` and gives
  // it a few seconds to notice. True when nothing had to be cut.
  Task<bool> wait_for_connections(Deadline deadline);
  // Ends a wait as if its deadline had come. From any thread.
  void cut_connections();

  std::size_t connections() const;            // open now; any thread
  std::uint64_t refused_connections() const;  // closed at once for want of room; any thread

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace mcp::net
