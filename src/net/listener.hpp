// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/task.hpp"
#include "net/shards.hpp"
#include "net/stream.hpp"

namespace mcp::net {

// TLS server settings. load() and reload() throw std::runtime_error naming the file when certificate and key do not fit;
// after a failed reload() the old pair stays in force. TLS 1.2 with AEAD and forward secrecy only, and TLS 1.3.
class Tls {
 public:
  static std::shared_ptr<Tls> load(std::string certificate_file, std::string key_file);
  ~Tls();
  void reload();

 private:
  Tls();
  friend class Listener;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What is done with each connection, on its shard, after the TLS handshake. The task is the connection's whole life.
using ConnectionHandler = std::function<Task<>(std::unique_ptr<Stream>)>;

// One listening port, accepted on every shard (SO_REUSEPORT). Out of descriptors: accepts with a kept reserve and closes
// at once, so that the backlog never hangs. TCP_NODELAY before the handshake; handshakes end after 10 s.
class Listener {
 public:
  // Binds at once. Throws std::system_error (address in use -> exit 71).
  Listener(Shards& shards, const std::string& host, std::uint16_t port, std::shared_ptr<Tls> tls, ConnectionHandler handler);
  ~Listener();
  std::uint16_t port() const;

  void start();
  void stop_accepting();
  // Waits until every connection's task has ended; cancels what is left at `deadline`. True when nothing had to be cut.
  Task<bool> wait_for_connections(Deadline deadline);
  std::size_t connections() const;  // any thread

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace mcp::net
