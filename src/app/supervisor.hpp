// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/wait_traits.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "core/task.hpp"
#include "net/stream.hpp"
#include "operations/private_cluster.hpp"

namespace mcp::app {

// The main thread's work while the server serves: signals (contract-config 6) and the private cluster's life.
class Supervisor {
 public:
  // `cluster` may be null; it outlives this.
  Supervisor(Executor executor, operations::PrivateCluster* cluster);

  // Tells systemd, if it started us, that we are ready (sd_notify).
  void notify_ready() const;
  // Returns the name of the signal that asks for the stop. SIGHUP reopens the log and calls `reload`.
  Task<std::string> wait_for_stop(std::function<void()> reload);
  // From now on another SIGTERM or SIGINT calls `cut`, once.
  void on_next_signal(std::function<void()> cut);
  // Stops watching, so that the loop runs out of work.
  void finish();

 private:
  using Signals = asio::basic_signal_set<Executor>;
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

  void watch_cluster();
  void poll_cluster();

  operations::PrivateCluster* cluster_;
  Signals signals_;
  Signals children_;
  Timer cluster_timer_;
  bool is_finished_ = false;
};

}  // namespace mcp::app
