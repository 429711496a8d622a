// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "realtime/outbox.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace mcp::realtime {

void QueueBudget::add(std::size_t bytes) {
  bytes_ += bytes;
  if (bytes_ > reported_ + step) report();
}

void QueueBudget::release(std::size_t bytes) {
  bytes_ -= bytes;
  if (bytes_ + step < reported_ || bytes_ == 0) report();
}

void QueueBudget::report() {
  if (bytes_ > reported_) {
    total_->bytes_.fetch_add(bytes_ - reported_, std::memory_order_relaxed);
  } else if (bytes_ < reported_) {
    total_->bytes_.fetch_sub(reported_ - bytes_, std::memory_order_relaxed);
  }
  reported_ = bytes_;
}

Outbox::~Outbox() { budget_.release(bytes_); }

bool Outbox::push(Frame frame, Delivery delivery, std::optional<ChannelId> channel) {
  const std::size_t size = frame->size();
  if (delivery == Delivery::droppable && bytes_ >= bytes_max_ / 4 * 3) return true;
  if (size > bytes_max_ - std::min(bytes_, bytes_max_)) return delivery == Delivery::droppable;
  append(std::move(frame), channel.value_or(ChannelId{}));
  return true;
}

void Outbox::push_last(Frame frame) { append(std::move(frame), ChannelId{}); }

void Outbox::append(Frame frame, ChannelId channel) {
  const std::size_t size = frame->size();
  items_.push_back(Item{.frame = std::move(frame), .channel = channel});
  bytes_ += size;
  budget_.add(size);
}

template <class Predicate>
void Outbox::drop_unsent(Predicate is_dropped) {
  const std::size_t begun = sent_of_first_ > 0 ? 1 : 0;
  std::size_t dropped = 0;
  const auto from = items_.begin() + static_cast<std::ptrdiff_t>(first_ + begun);
  items_.erase(std::remove_if(from, items_.end(),
                              [&](const Item& item) {
                                if (!is_dropped(item)) return false;
                                dropped += item.frame->size();
                                return true;
                              }),
               items_.end());
  bytes_ -= dropped;
  budget_.release(dropped);
  if (empty()) give_back_room();
}

void Outbox::drop_channel(ChannelId channel) {
  drop_unsent([channel](const Item& item) { return item.channel == channel; });
}

void Outbox::drop_channels() {
  drop_unsent([](const Item& item) { return !item.channel.is_zero(); });
}

void Outbox::drop_all() {
  drop_unsent([](const Item&) { return true; });
}

std::size_t Outbox::gather(std::span<iovec> into) const {
  const std::size_t count = std::min(into.size(), items_.size() - first_);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& bytes = *items_[first_ + i].frame;
    const std::size_t skipped = i == 0 ? sent_of_first_ : 0;
    // writev(2) takes a pointer to non-const and only reads.
    into[i].iov_base = const_cast<char*>(bytes.data()) + skipped;  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    into[i].iov_len = bytes.size() - skipped;
  }
  return count;
}

void Outbox::consume(std::size_t bytes) {
  CHECK(bytes <= bytes_);
  bytes_ -= bytes;
  budget_.release(bytes);
  while (bytes > 0) {
    Item& item = items_[first_];
    const std::size_t left = item.frame->size() - sent_of_first_;
    if (bytes < left) {
      sent_of_first_ += bytes;
      break;
    }
    bytes -= left;
    sent_of_first_ = 0;
    item.frame.reset();
    ++first_;
  }
  if (empty()) {
    give_back_room();
  } else if (first_ >= 64 && first_ * 2 >= items_.size()) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void Outbox::give_back_room() {
  constexpr std::size_t kept_items = 4;  // room that a quiet connection may keep: 128 bytes
  items_.clear();
  first_ = 0;
  if (items_.capacity() > kept_items) std::vector<Item>().swap(items_);
}

}  // namespace mcp::realtime
