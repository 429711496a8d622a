// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// The writing half of a session.
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "core/check.hpp"
#include "gateway/session.hpp"

namespace mcp::gateway {
namespace {

constexpr std::size_t pieces_per_write = 64;

}  // namespace

void Session::enqueue(realtime::Frame frame, realtime::Delivery delivery, std::optional<ChannelId> channel) {
  if (!is_open()) return;
  if (outbox_.empty()) last_progress_at_ = shard_->now();
  if (!outbox_.push(std::move(frame), delivery, channel)) return close_slow_consumer();
  mark_for_flush();
}

void Session::enqueue_last(realtime::Frame frame) {
  if (outbox_.empty()) last_progress_at_ = shard_->now();
  outbox_.push_last(std::move(frame));
}

void Session::reply(const std::string& json) { enqueue(realtime::text_frame(json), realtime::Delivery::reliable); }

void Session::mark_for_flush() {
  if (is_marked_ || writer_.count() > 0) return;  // a waiting writer sends everything that is queued by then
  is_marked_ = true;
  shard_->flush_later(*this);
}

void Session::flush() {
  is_marked_ = false;
  if (state_ == State::closed || writer_.count() > 0 || write_out()) return;
  writer_.begin();
  asio::co_spawn(shard_->executor(), write_when_possible(), [](std::exception_ptr fault) { CHECK(!fault); });
}

bool Session::write_out() {
  std::array<iovec, pieces_per_write> pieces;  // NOLINT(cppcoreguidelines-pro-type-member-init): gather() fills it
  while (!outbox_.empty()) {
    const std::span filled = std::span(pieces).first(outbox_.gather(pieces));
    std::size_t offered = 0;
    for (const iovec& piece : filled) offered += piece.iov_len;
    const net::IoResult written = stream_->try_write(filled);
    if (written.status != net::IoStatus::done && written.status != net::IoStatus::would_block) {
      abandon();
      return true;
    }
    outbox_.consume(written.bytes);
    if (written.bytes > 0) last_progress_at_ = shard_->now();
    if (written.bytes < offered) return false;
  }
  finish_closing();
  return true;
}

Task<> Session::write_when_possible() {
  bool is_blocked = true;
  while (is_blocked && state_ != State::closed) {
    const net::IoStatus status = co_await stream_->wait_writable(net::Deadline::max());
    if (status != net::IoStatus::done || state_ == State::closed) break;
    is_blocked = !write_out();
  }
  writer_.end();
}

}  // namespace mcp::gateway
