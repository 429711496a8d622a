// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/uio.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/id.hpp"
#include "realtime/frame.hpp"
#include "realtime/hub.hpp"

namespace mcp::realtime {

// The bytes that all outboxes of the server together hold, against WS_SEND_QUEUE_TOTAL_BYTES. Thread-safe.
class QueueTotal {
 public:
  explicit QueueTotal(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  bool is_exceeded() const { return bytes() > bytes_max_; }
  std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  friend class QueueBudget;
  std::atomic<std::size_t> bytes_{0};
  std::size_t bytes_max_;
};

// One shard's part of the total. Reports to it in steps, because a shared counter touched for each delivery costs more
// than the delivery's own bookkeeping: the total is right to within `step` bytes a shard.
class QueueBudget {
 public:
  static constexpr std::size_t step = 64 * 1024;

  explicit QueueBudget(std::shared_ptr<QueueTotal> total) : total_(std::move(total)) {}
  ~QueueBudget() { report(); }
  QueueBudget(const QueueBudget&) = delete;
  QueueBudget& operator=(const QueueBudget&) = delete;

  void add(std::size_t bytes);
  void release(std::size_t bytes);
  bool is_exceeded() const { return total_->is_exceeded(); }
  std::size_t bytes() const { return bytes_; }  // of this shard, exact

 private:
  void report();

  std::shared_ptr<QueueTotal> total_;
  std::size_t bytes_ = 0;
  std::size_t reported_ = 0;
};

// The bounded queue of one connection. On the connection's shard only.
class Outbox {
 public:
  Outbox(std::size_t bytes_max, QueueBudget& budget) : bytes_max_(bytes_max), budget_(budget) {}
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // False when a reliable frame does not fit: the caller closes the connection with 1013 "slow consumer". A droppable
  // one that finds the queue 75 % full is dropped silently (contract-realtime 8).
  bool push(Frame frame, Delivery delivery, std::optional<ChannelId> channel = {});
  // Whatever else is queued: the close frame of a slow consumer must find room.
  void push_last(Frame frame);
  // Removes what has not begun to leave of one channel (membership ended).
  void drop_channel(ChannelId channel);
  // Removes what has not begun to leave of all channels; answers stay (session ended).
  void drop_channels();
  // Removes everything that has not begun to leave.
  void drop_all();

  bool empty() const { return first_ == items_.size(); }
  std::size_t bytes() const { return bytes_; }
  // The next bytes to write, at most into.size() pieces; returns how many pieces were filled.
  std::size_t gather(std::span<iovec> into) const;
  void consume(std::size_t bytes);  // written to the socket

 private:
  struct Item {
    Frame frame;
    ChannelId channel;  // zero: none
  };
  void append(Frame frame, ChannelId channel);
  template <class Predicate>
  void drop_unsent(Predicate is_dropped);
  void give_back_room();

  // A vector with a moving front: an empty deque would hold 600 bytes for each idle connection.
  std::vector<Item> items_;
  std::size_t first_ = 0;          // items before it are written
  std::size_t sent_of_first_ = 0;  // bytes of items_[first_] that are written
  std::size_t bytes_ = 0;
  std::size_t bytes_max_;
  QueueBudget& budget_;
};

}  // namespace mcp::realtime
