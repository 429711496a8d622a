// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "net/shards.hpp"

#include <pthread.h>
#include <signal.h>

#include <boost/asio/executor_work_guard.hpp>
#include <optional>
#include <string>
#include <thread>

#include "core/check.hpp"

namespace mcp::net {

struct Shards::Shard {
  asio::io_context context{1};  // one thread runs it; others only post
  std::optional<asio::executor_work_guard<Executor>> work;
  std::thread thread;
};

Shards::Shards(std::size_t count) {
  if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
  shards_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) shards_.push_back(std::make_unique<Shard>());
}

Shards::~Shards() {
  for (const auto& shard : shards_) CHECK(!shard->thread.joinable());
}

std::size_t Shards::size() const { return shards_.size(); }

Executor Shards::executor(std::size_t shard) const { return shards_.at(shard)->context.get_executor(); }

std::vector<Executor> Shards::executors() const {
  std::vector<Executor> all;
  all.reserve(shards_.size());
  for (const auto& shard : shards_) all.push_back(shard->context.get_executor());
  return all;
}

void Shards::start() {
  // New threads inherit the mask: signals go to the thread that waits for them, and SIGPIPE, which a write through
  // OpenSSL's socket BIO may raise, ends nobody.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    Shard& shard = *shards_[i];
    CHECK(!shard.thread.joinable());
    shard.work.emplace(shard.context.get_executor());
    shard.thread = std::thread([&shard] { shard.context.run(); });
    const std::string thread_name = "shard-" + std::to_string(i);
    pthread_setname_np(shard.thread.native_handle(), thread_name.substr(0, 15).c_str());
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Shards::stop(bool force) {
  for (const auto& shard : shards_) {
    shard->work.reset();
    if (force) shard->context.stop();
  }
  for (const auto& shard : shards_) {
    if (shard->thread.joinable()) shard->thread.join();
  }
}

}  // namespace mcp::net
