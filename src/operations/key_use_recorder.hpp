// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/wait_traits.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include "core/completion.hpp"
#include "core/id.hpp"
#include "core/task.hpp"

namespace mcp::crypto {
class Keyring;
}
namespace mcp::ledger {
class Ledger;
}

namespace mcp::operations {

// The job that keeps encryption_keys.uses: what the keyring counted in memory is written down every now and then, and
// when the server stops. A kill loses at most one interval's count, far below the margin of 2^28 to GCM's 2^32.
class KeyUseRecorder {
 public:
  // Both outlive this. Members are called on, or from anywhere run, on `executor`.
  KeyUseRecorder(Executor executor, crypto::Keyring& keys, ledger::Ledger& ledger,
                 std::chrono::milliseconds interval = std::chrono::minutes{1});

  void start();
  // Writes what is left and returns when the job has ended. Before the ledger stops.
  Task<> stop();

 private:
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
  struct Ended {};

  Task<> run();
  Task<> record();
  Task<> stop_here();

  Executor executor_;
  crypto::Keyring& keys_;
  ledger::Ledger& ledger_;
  std::chrono::milliseconds interval_;
  Timer timer_;
  std::map<KeyId, std::uint64_t> unwritten_;
  bool is_running_ = false;
  bool is_stopping_ = false;
  std::optional<Completion<Ended>> ended_;
};

}  // namespace mcp::operations
