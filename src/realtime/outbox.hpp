// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <sys/uio.h>
#include <vector>

#include "core/id.hpp"
#include "realtime/frame.hpp"
#include "realtime/hub.hpp"

namespace mcp::realtime {

// The bytes that all outboxes together hold, against WS_SEND_QUEUE_TOTAL_BYTES. Thread-safe.
class QueueBudget;

// The bounded queue of one connection. On the connection's shard only.
class Outbox {
 public:
  Outbox(std::size_t bytes_max, QueueBudget& budget);
  ~Outbox();

  // False when a reliable frame does not fit: the caller closes the connection with 1013 "slow consumer". A droppable one
  // that finds the queue 75 % full is dropped silently (contract-realtime 8).
  bool push(Frame frame, Delivery delivery, std::optional<ChannelId> channel = {});
  // Removes what has not begun to leave of one channel (membership ended).
  void drop_channel(ChannelId channel);

  bool empty() const;
  std::size_t bytes() const;
  // The next bytes to write, at most into.size() pieces; returns how many pieces were filled.
  std::size_t gather(std::span<iovec> into) const;
  void consume(std::size_t bytes);  // written to the socket

 private:
  struct Item {
    Frame frame;
    std::optional<ChannelId> channel;
  };
  std::deque<Item> items_;
  std::size_t bytes_ = 0;
  std::size_t sent_of_first_ = 0;
  std::size_t bytes_max_;
  QueueBudget& budget_;
};

}  // namespace mcp::realtime
