// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <variant>

#include "core/completion.hpp"
#include "core/task.hpp"

namespace mcp::gateway {

// How many tasks somebody has under way, and the one coroutine that waits for them. On one shard only. The tasks call
// end() as their last step themselves, so that frames destroyed unfinished (a forced stop) touch nothing.
class Pending {
 public:
  std::size_t count() const { return count_; }
  void begin() { ++count_; }
  void end();
  // Returns once at most `count` are under way. One waiter at a time.
  Task<> at_most(std::size_t count);

 private:
  using Waiter = Completion<std::monostate>;
  std::size_t count_ = 0;
  std::size_t awaited_count_ = 0;
  std::optional<Waiter> waiter_;
};

}  // namespace mcp::gateway
