// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "app/foundations.hpp"
#include "config/config.hpp"
#include "core/task.hpp"
#include "net/stream.hpp"

namespace mcp::app {

// The whole server: builds every object once, in order, passes references, stops in reverse. The one place that knows
// all of them. Its members are called on the main thread's executor.
class Server {
 public:
  // `config` outlives the server. Binds the port; throws std::system_error, std::runtime_error for a certificate.
  Server(const config::Config& config, Foundations foundations, bool previous_stop_was_unclean);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Opens the pool, writes server_started, opens the port. Throws db::Fault.
  Task<> start();
  std::uint16_t port() const;
  // A bad pair is logged and the old one stays.
  void reload_certificate();
  // contract-config 6: no new connections, clients told (1001), running requests finished, the trail written, then the
  // pool closed. What is left at `deadline` is cut.
  struct Stop {
    bool has_cut = false;     // connections that did not end in time
    bool is_written = false;  // server_stopped is durable
  };
  Task<Stop> stop(std::string reason, net::Deadline deadline);
  // During a stop: cuts what is left now; the trail is written all the same.
  void cut();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mcp::app
