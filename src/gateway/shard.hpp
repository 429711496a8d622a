// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "gateway/admissions.hpp"
#include "gateway/frame_rate.hpp"
#include "gateway/pending.hpp"
#include "gateway/settings.hpp"
#include "realtime/outbox.hpp"

namespace mcp::gateway {

class Session;

// What the sessions of one I/O thread share: the buffer they read into, the one flush per turn of the loop, and the one
// timer that watches all their deadlines. On that thread only, the counters excepted. Sessions keep it alive.
class Shard : public std::enable_shared_from_this<Shard> {
 public:
  // Deadlines are noticed within this.
  static constexpr std::chrono::milliseconds tick_interval{250};
  static constexpr std::size_t read_buffer_bytes = 16 * 1024;  // one TLS record; bounds the events of one read, too

  Shard(Executor executor, std::shared_ptr<const Settings> settings, Services services,
        std::shared_ptr<realtime::QueueTotal> total);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  const Executor& executor() const { return executor_; }
  const Settings& settings() const { return *settings_; }
  const Services& services() const { return services_; }
  realtime::QueueBudget& budget() { return budget_; }
  std::span<std::uint8_t> read_buffer() { return read_buffer_; }

  ShardTime now() const;
  Timestamp wall_clock() const { return settings_->clock(); }

  void add(Session& session);
  void remove(Session& session);
  // Writes out what the session has queued, behind everything that this turn of the loop still queues for it.
  void flush_later(Session& session);

  // The ticker. stop() returns when it has ended.
  void start();
  Task<> stop();
  // Tells all clients that the server goes down, and closes them once their sends are answered.
  void shut_down_sessions();

  std::size_t sessions() const { return sessions_.size(); }
  std::atomic<std::uint64_t> slow_consumers{0};
  std::atomic<std::uint64_t> frames_in{0};

 private:
  struct Ticker;
  Task<> tick_until_stopped();
  void tick();
  void flush();
  void close_largest_queues();

  Executor executor_;
  std::shared_ptr<const Settings> settings_;
  Services services_;
  realtime::QueueBudget budget_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::array<std::uint8_t, read_buffer_bytes> read_buffer_{};
  std::vector<Session*> sessions_;  // each knows its place; at most the admitted ones
  std::vector<Session*> to_flush_;  // each at most once
  std::vector<Session*> being_flushed_;
  bool is_flush_posted_ = false;
  std::unique_ptr<Ticker> ticker_;
  Pending ticking_;
};

}  // namespace mcp::gateway
