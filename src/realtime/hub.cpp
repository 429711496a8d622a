// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "realtime/hub.hpp"

#include <atomic>
#include <boost/asio/post.hpp>
#include <unordered_map>
#include <utility>

#include "core/check.hpp"

namespace mcp::realtime {
namespace {

struct Connection;

// A connection on a channel's list, and where the channel stands on the connection's list: each finds the other without
// a search, so that 10,000 listeners of one channel leave in linear time.
struct Subscriber {
  Connection* connection;
  std::size_t place;
};
using Subscribers = std::vector<Subscriber>;

struct Subscription {
  ChannelId channel;
  std::size_t place;
};

struct Connection {
  ConnectionId id;
  Listener* listener;
  UserId user;
  SessionId session;
  std::vector<Subscription> subscriptions;
};

template <class Map, class Key>
void erase_one(Map& map, const Key& key, const Connection* connection) {
  auto [at, end] = map.equal_range(key);
  while (at != end && at->second != connection) ++at;
  CHECK(at != end);
  map.erase(at);
}

}  // namespace

class Hub::Shard {
 public:
  explicit Shard(Executor executor) : executor_(std::move(executor)) {}

  const Executor& executor() const { return executor_; }
  bool is_empty() const { return connection_count_.load(std::memory_order_acquire) == 0; }
  void add_to(HubStats& stats) const {
    stats.connections += connection_count_.load(std::memory_order_relaxed);
    stats.delivered += delivered_.load(std::memory_order_relaxed);
  }

  void add(ConnectionId id, Listener& listener) {
    const auto [at, is_new] = connections_.try_emplace(id, Connection{.id = id,
                                                                      .listener = &listener,
                                                                      .user = listener.user(),
                                                                      .session = listener.session(),
                                                                      .subscriptions = {}});
    CHECK(is_new);
    by_user_.emplace(at->second.user, &at->second);
    by_session_.emplace(at->second.session, &at->second);
    connection_count_.fetch_add(1, std::memory_order_release);
  }

  void remove(ConnectionId id) {
    const auto at = connections_.find(id);
    if (at == connections_.end()) return;
    Connection& connection = at->second;
    while (!connection.subscriptions.empty()) detach(connection, connection.subscriptions.size() - 1);
    erase_one(by_user_, connection.user, &connection);
    erase_one(by_session_, connection.session, &connection);
    connections_.erase(at);
    connection_count_.fetch_sub(1, std::memory_order_release);
  }

  void publish(const ChannelEvent& event) {
    const auto at = channels_.find(event.channel);
    if (at == channels_.end()) return;
    for (const Subscriber& subscriber : at->second) subscriber.connection->listener->deliver(event);
    delivered_.fetch_add(at->second.size(), std::memory_order_relaxed);
  }

  void subscribe(ConnectionId id, ChannelId channel, std::int64_t live_from) {
    const auto at = connections_.find(id);
    if (at == connections_.end()) return;  // gone meanwhile
    Connection& connection = at->second;
    if (!find(connection, channel)) {
      Subscribers& subscribers = channels_[channel];
      connection.subscriptions.push_back({.channel = channel, .place = subscribers.size()});
      subscribers.push_back({.connection = &connection, .place = connection.subscriptions.size() - 1});
    }
    connection.listener->joined(channel, live_from);
  }

  void unsubscribe(ConnectionId id, ChannelId channel, const Frame& notice) {
    const auto at = connections_.find(id);
    if (at != connections_.end()) unsubscribe(at->second, channel, notice);
  }

  void unsubscribe_user(UserId user, ChannelId channel, const Frame& notice) {
    auto [at, end] = by_user_.equal_range(user);
    for (; at != end; ++at) unsubscribe(*at->second, channel, notice);
  }

  void end_session(SessionId session, const Ending& ending) {
    auto [at, end] = by_session_.equal_range(session);
    for (; at != end; ++at) end_one(*at->second, ending);
  }

  void end_user(UserId user, const std::optional<SessionId>& except, const Ending& ending) {
    auto [at, end] = by_user_.equal_range(user);
    for (; at != end; ++at) {
      if (at->second->session != except) end_one(*at->second, ending);
    }
  }

  void end_all(const Ending& ending) {
    for (auto& [id, connection] : connections_) end_one(connection, ending);
  }

 private:
  static std::optional<std::size_t> find(const Connection& connection, ChannelId channel) {
    for (std::size_t i = 0; i < connection.subscriptions.size(); ++i) {
      if (connection.subscriptions[i].channel == channel) return i;
    }
    return std::nullopt;
  }

  void unsubscribe(Connection& connection, ChannelId channel, const Frame& notice) {
    const auto subscription = find(connection, channel);
    if (!subscription) return;
    detach(connection, *subscription);
    connection.listener->left(channel, notice);
  }

  // Nothing may reach a connection that is being ended: it leaves all channels now, and the registry when it is gone.
  void end_one(Connection& connection, const Ending& ending) {
    while (!connection.subscriptions.empty()) detach(connection, connection.subscriptions.size() - 1);
    connection.listener->end(ending);
  }

  // Takes both lists' last elements into the freed places.
  void detach(Connection& connection, std::size_t index) {
    const Subscription gone = connection.subscriptions[index];
    const auto at = channels_.find(gone.channel);
    CHECK(at != channels_.end());
    Subscribers& subscribers = at->second;

    subscribers[gone.place] = subscribers.back();
    Subscriber& moved = subscribers[gone.place];
    moved.connection->subscriptions[moved.place].place = gone.place;
    subscribers.pop_back();

    connection.subscriptions[index] = connection.subscriptions.back();
    connection.subscriptions.pop_back();
    if (index < connection.subscriptions.size()) {
      const Subscription& shifted = connection.subscriptions[index];
      channels_.at(shifted.channel)[shifted.place].place = index;
    } else if (connection.subscriptions.empty()) {
      connection.subscriptions.shrink_to_fit();
    }
    if (subscribers.empty()) channels_.erase(at);
  }

  Executor executor_;
  std::unordered_map<ConnectionId, Connection> connections_;
  std::unordered_map<ChannelId, Subscribers> channels_;
  std::unordered_multimap<UserId, Connection*> by_user_;
  std::unordered_multimap<SessionId, Connection*> by_session_;
  std::atomic<std::size_t> connection_count_{0};
  std::atomic<std::uint64_t> delivered_{0};
};

Hub::Hub(std::vector<Executor> shards) : published_(0) {
  shards_.reserve(shards.size());
  for (auto& executor : shards) shards_.push_back(std::make_unique<Shard>(std::move(executor)));
}

Hub::~Hub() = default;

void Hub::add(ConnectionRef connection, Listener& listener) { shards_[connection.shard]->add(connection.id, listener); }

void Hub::remove(ConnectionRef connection) { shards_[connection.shard]->remove(connection.id); }

// A shard without connections is left asleep. A connection is added before its first subscribe is asked for, so nobody
// who listens is passed over.
template <class Act>
void Hub::post_to_all(Act act) {
  for (const auto& shard : shards_) {
    if (!shard->is_empty()) {
      asio::post(shard->executor(), [shard = shard.get(), act] { act(*shard); });
    }
  }
}

void Hub::publish(ChannelEvent event) {
  published_.fetch_add(1, std::memory_order_relaxed);
  post_to_all([event = std::move(event)](Shard& shard) { shard.publish(event); });
}

void Hub::subscribe(ConnectionRef connection, ChannelId channel, std::int64_t live_from) {
  Shard* const shard = shards_[connection.shard].get();
  asio::post(shard->executor(),
             [shard, id = connection.id, channel, live_from] { shard->subscribe(id, channel, live_from); });
}

void Hub::unsubscribe(ConnectionRef connection, ChannelId channel, Frame notice) {
  Shard* const shard = shards_[connection.shard].get();
  asio::post(shard->executor(), [shard, id = connection.id, channel, notice = std::move(notice)] {
    shard->unsubscribe(id, channel, notice);
  });
}

void Hub::unsubscribe_user(UserId user, ChannelId channel, Frame notice) {
  post_to_all(
      [user, channel, notice = std::move(notice)](Shard& shard) { shard.unsubscribe_user(user, channel, notice); });
}

void Hub::end_session(SessionId session, Ending ending) {
  post_to_all([session, ending = std::move(ending)](Shard& shard) { shard.end_session(session, ending); });
}

void Hub::end_user(UserId user, std::optional<SessionId> except, Ending ending) {
  post_to_all([user, except, ending = std::move(ending)](Shard& shard) { shard.end_user(user, except, ending); });
}

void Hub::end_all(Ending ending) {
  post_to_all([ending = std::move(ending)](Shard& shard) { shard.end_all(ending); });
}

HubStats Hub::stats() const {
  HubStats stats{.connections = 0, .published = published_.load(std::memory_order_relaxed), .delivered = 0};
  for (const auto& shard : shards_) shard->add_to(stats);
  return stats;
}

}  // namespace mcp::realtime
