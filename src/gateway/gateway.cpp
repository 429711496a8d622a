// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "core/completion.hpp"
#include "gateway/handshake.hpp"
#include "gateway/session.hpp"
#include "gateway/shard.hpp"

namespace mcp::gateway {

Gateway::Gateway(const std::vector<Executor>& shards, Services services, Settings settings)
    : settings_(std::make_shared<const Settings>(std::move(settings))),
      admissions_(std::make_shared<Admissions>(settings_->admission)),
      queue_total_(std::make_shared<realtime::QueueTotal>(settings_->send_queue_total_bytes)) {
  shards_.reserve(shards.size());
  for (const Executor& executor : shards) {
    shards_.push_back(std::make_shared<Shard>(executor, settings_, services, queue_total_));
  }
}

Gateway::~Gateway() = default;

void Gateway::start() {
  for (const auto& shard : shards_) shard->start();
}

Result<> Gateway::admit_upgrade(const http::Request& request) const {
  return admissions_->check(request.origin.ip_address);
}

// No coroutine itself, so that nothing of the request outlives its answer.
Task<> Gateway::serve(std::unique_ptr<net::Stream> stream, http::Upgrade upgrade) {
  const auto& shard = shards_.at(stream->shard());
  const bool is_full = admissions_->is_full();
  auto place = admissions_->occupy(upgrade.request.origin.ip_address);
  auto session =
      std::make_unique<Session>(shard, std::move(stream), std::move(place), std::move(upgrade.request.origin),
                                upgrade_accepted(upgrade.websocket_key, upgrade.answer_headers));
  return Session::run(std::move(session), std::move(upgrade.leftover), is_full);
}

void Gateway::shut_down() {
  for (const auto& shard : shards_) {
    asio::post(shard->executor(), [shard] { shard->shut_down_sessions(); });
  }
}

Task<> Gateway::stop() {
  for (const auto& shard : shards_) co_await run_on(shard->executor(), shard->stop());
}

GatewayStats Gateway::stats() const {
  GatewayStats stats{.authenticated = admissions_->authenticated(),
                     .unauthenticated = admissions_->unauthenticated(),
                     .queued_bytes = queue_total_->bytes()};
  for (const auto& shard : shards_) {
    stats.frames_in += shard->frames_in.load(std::memory_order_relaxed);
    stats.slow_consumers += shard->slow_consumers.load(std::memory_order_relaxed);
  }
  return stats;
}

std::size_t Gateway::connections_of(UserId user) const { return admissions_->connections_of(user); }

std::size_t Gateway::connections_of(SessionId session) const { return admissions_->connections_of(session); }

}  // namespace mcp::gateway
