// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "core/task.hpp"

namespace mcp::db {

// Waits until a socket that libpq owns can be read or written. It watches a duplicate of the descriptor: libpq closes
// and replaces its own without telling, and a number closed under the reactor may already belong to another connection.
class Readiness {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  enum class Woken : std::uint8_t {
    ready,      // or maybe not: the caller tries and waits again
    deadline,   // nothing happened until then
    closed,     // by close() or watch() of another socket
    cancelled,  // the waiting coroutine was told to end
  };

  explicit Readiness(Executor executor);
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  // Throws std::system_error (boost) when the process has no descriptor left.
  void watch(int socket);
  void close();

  // One waiter at a time.
  Task<Woken> wait(bool read, bool write, Deadline deadline);

 private:
  struct State;
  static void arm(const std::shared_ptr<State>& state, bool for_reading);
  std::shared_ptr<State> state_;  // shared with the reactor's callbacks, which may come after close()
};

}  // namespace mcp::db
