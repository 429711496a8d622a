// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace mcp::gateway {

// Milliseconds of the steady clock since a shard began: half the size of a time_point, for what each connection keeps.
using ShardTime = std::uint32_t;

// `rate` tokens a second, at most `burst` saved up. Full at first.
class TokenBucket {
 public:
  TokenBucket(int rate, int burst, ShardTime now)
      : tokens_(static_cast<float>(burst)),
        rate_(static_cast<float>(rate)),
        burst_(static_cast<float>(burst)),
        at_(now) {}

  bool take(ShardTime now) {
    tokens_ = std::min(burst_, tokens_ + static_cast<float>(now - at_) * rate_ / 1000.0F);
    at_ = now;
    if (tokens_ < 1.0F) return false;
    tokens_ -= 1.0F;
    return true;
  }
  // How long until the next token, as of the last take().
  std::chrono::milliseconds next_in() const {
    return std::chrono::milliseconds(static_cast<int>((1.0F - std::min(tokens_, 1.0F)) * 1000.0F / rate_) + 1);
  }

 private:
  float tokens_;
  float rate_;
  float burst_;
  ShardTime at_;
};

// Counts what is tolerated only now and then. A window begins with its first strike.
class Strikes {
 public:
  static constexpr ShardTime window = 60'000;

  // True when this is the `tolerated`-th within the window.
  bool add(ShardTime now, std::uint16_t tolerated) {
    if (count_ == 0 || now - since_ >= window) {
      since_ = now;
      count_ = 0;
    }
    return ++count_ >= tolerated;
  }

 private:
  ShardTime since_ = 0;
  std::uint16_t count_ = 0;
};

}  // namespace mcp::gateway
