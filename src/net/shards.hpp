// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/task.hpp"

namespace mcp::net {

// The I/O threads. Each runs one io_context; a connection lives its whole life on one of them.
class Shards {
 public:
  explicit Shards(std::size_t count);  // 0 = one per core
  ~Shards();                           // stop() must have been called
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;

  std::size_t size() const;
  Executor executor(std::size_t shard) const;
  std::vector<Executor> executors() const;

  void start();  // all signals blocked in the new threads
  // Lets every io_context run out of work and joins the threads; `force` drops what is left.
  void stop(bool force);

 private:
  struct Shard;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace mcp::net
