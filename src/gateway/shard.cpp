// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "gateway/shard.hpp"

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <utility>

#include "core/check.hpp"
#include "gateway/session.hpp"

namespace mcp::gateway {
namespace {

using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace

struct Shard::Ticker {
  explicit Ticker(const Executor& executor) : timer(executor) {}
  Timer timer;
  bool is_stopping = false;
};

Shard::Shard(Executor executor, std::shared_ptr<const Settings> settings, Services services,
             std::shared_ptr<realtime::QueueTotal> total)
    : executor_(std::move(executor)),
      settings_(std::move(settings)),
      services_(services),
      budget_(std::move(total)),
      ticker_(std::make_unique<Ticker>(executor_)) {}

Shard::~Shard() = default;

ShardTime Shard::now() const {
  return static_cast<ShardTime>(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_).count());
}

void Shard::add(Session& session) {
  session.set_place_in_shard(sessions_.size());
  sessions_.push_back(&session);
}

void Shard::remove(Session& session) {
  const std::size_t place = session.place_in_shard();
  CHECK(sessions_[place] == &session);
  sessions_[place] = sessions_.back();
  sessions_[place]->set_place_in_shard(place);
  sessions_.pop_back();
  std::erase(to_flush_, &session);
}

void Shard::flush_later(Session& session) {
  to_flush_.push_back(&session);
  if (std::exchange(is_flush_posted_, true)) return;
  asio::post(executor_, [self = shared_from_this()] { self->flush(); });
}

void Shard::flush() {
  is_flush_posted_ = false;
  if (budget_.is_exceeded()) close_largest_queues();
  being_flushed_.swap(to_flush_);
  for (Session* session : being_flushed_) session->flush();
  being_flushed_.clear();
}

// Ends slow consumers of this shard, largest first, until all queues together fit again. A queue below its fair share
// of the total is spared: when the total is exceeded some queue is above it, on this shard or on one that notices as
// soon as it flushes or ticks.
void Shard::close_largest_queues() {
  const std::size_t fair_share =
      settings_->send_queue_total_bytes / std::max<std::size_t>(1, settings_->admission.connections_max);
  std::vector<Session*> large;
  std::ranges::copy_if(sessions_, std::back_inserter(large),
                       [&](const Session* session) { return session->queued_bytes() > fair_share; });
  std::ranges::sort(large, std::ranges::greater{}, &Session::queued_bytes);
  for (Session* session : large) {
    if (!budget_.is_exceeded()) break;
    session->close_slow_consumer();
  }
}

void Shard::start() {
  ticking_.begin();
  asio::co_spawn(
      executor_, [](std::shared_ptr<Shard> self) -> Task<> { co_await self->tick_until_stopped(); }(shared_from_this()),
      [](std::exception_ptr fault) { CHECK(!fault); });
}

Task<> Shard::tick_until_stopped() {
  auto next = std::chrono::steady_clock::now();
  while (!ticker_->is_stopping) {
    // A late tick is not made up for: deadlines are read from the clock, not counted.
    next = std::max(next + tick_interval, std::chrono::steady_clock::now());
    ticker_->timer.expires_at(next);
    boost::system::error_code stopped;
    co_await ticker_->timer.async_wait(asio::redirect_error(use_task, stopped));
    if (!ticker_->is_stopping) tick();
  }
  ticking_.end();
}

void Shard::tick() {
  if (budget_.is_exceeded()) close_largest_queues();
  const ShardTime at = now();
  const Timestamp wall = wall_clock();
  for (Session* session : sessions_) session->tick(at, wall);
}

Task<> Shard::stop() {
  ticker_->is_stopping = true;
  ticker_->timer.cancel();
  co_await ticking_.at_most(0);
}

void Shard::shut_down_sessions() {
  for (Session* session : sessions_) session->shut_down();
}

}  // namespace mcp::gateway
