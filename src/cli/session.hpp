// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "cli/console.hpp"
#include "cli/invocation.hpp"
#include "config/config.hpp"
#include "core/task.hpp"
#include "operations/home.hpp"
#include "operations/private_cluster.hpp"
#include "operations/setup.hpp"

namespace mcp::cli {

// One command at work: what it was told, and the loop of the main thread that its tasks run on.
struct Session {
  Console console;
  GlobalFlags global;
  std::string os_user;  // who started the program, before it became the service user

  operations::CommandLine command_line(const config::Config& config) const;
};

// Runs a task to its end on a loop of this thread; returns its result or throws its exception.
template <class T>
T run_task(asio::io_context& loop, Task<T> task) {
  std::exception_ptr failure;
  std::optional<T> result;
  asio::co_spawn(loop, std::move(task), [&](std::exception_ptr why, T value) {
    failure = std::move(why);
    if (!failure) result.emplace(std::move(value));
  });
  loop.restart();
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

// The database of a configuration, made reachable: a private cluster that nobody runs is started, and stopped when this
// dies. On the main thread.
class DatabasePlace {
 public:
  // Throws operations::Failure.
  DatabasePlace(const config::Config& config, const operations::Home& home);

  operations::DatabaseAccess access() const;

 private:
  const config::Database& database_;
  std::optional<operations::PrivateCluster> cluster_;
};

}  // namespace mcp::cli
