// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace mcp::http {

// Counters for /metrics. Written by every shard, read by anybody.
struct Stats {
  // Upper bounds of the histogram's buckets; the last bucket has none.
  static constexpr std::array<std::chrono::microseconds, 12> bounds{
      std::chrono::microseconds(500),    std::chrono::microseconds(1000),    std::chrono::microseconds(2500),
      std::chrono::microseconds(5000),   std::chrono::microseconds(10000),   std::chrono::microseconds(25000),
      std::chrono::microseconds(50000),  std::chrono::microseconds(100000),  std::chrono::microseconds(250000),
      std::chrono::microseconds(500000), std::chrono::microseconds(1000000), std::chrono::microseconds(5000000)};

  std::array<std::atomic<std::uint64_t>, 6> by_class{};  // index 4: answers 400 to 499
  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> by_duration{};
  std::atomic<std::uint64_t> duration_us{0};      // sum, from the complete request to its answer
  std::atomic<std::uint64_t> refused_by_gate{0};  // malformed, oversized, too slow
  std::atomic<std::uint64_t> upgrades{0};         // handed over
  std::atomic<std::uint64_t> upgrades_refused{0};
  std::atomic<std::uint64_t> connections{0};  // gauge: in HTTP, upgraded ones not included

  void count_answer(int status, std::chrono::steady_clock::duration took) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took);
    std::size_t bucket = 0;
    while (bucket < bounds.size() && us > bounds[bucket]) ++bucket;
    by_class.at(static_cast<std::size_t>(status / 100)).fetch_add(1, std::memory_order_relaxed);
    by_duration.at(bucket).fetch_add(1, std::memory_order_relaxed);
    duration_us.fetch_add(static_cast<std::uint64_t>(us.count()), std::memory_order_relaxed);
  }
};

}  // namespace mcp::http
