// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/id.hpp"
#include "core/task.hpp"
#include "realtime/frame.hpp"

namespace mcp::realtime {

// Which shard a connection lives on, and which one it is there.
struct ConnectionRef {
  std::size_t shard = 0;
  ConnectionId id;
};

// contract-realtime 8: what may be merged or dropped when a receiver is slow.
enum class Delivery : std::uint8_t {
  reliable,   // acks, errors, messages: never dropped silently; no room = the connection is closed with a resume code
  droppable,  // typing, presence, receipts
};

// Something everyone who joined a channel should see.
struct ChannelEvent {
  ChannelId channel;
  std::int64_t seq = 0;  // of new_message; 0 otherwise
  std::int64_t rev = 0;
  Frame frame;         // for everybody
  Frame sender_frame;  // for the connections of `sender` instead, when set (clientMessageId)
  UserId sender;
  Delivery delivery = Delivery::reliable;
};

// Why a connection is ended from outside; text and code go to the peer (contract-realtime 1.2, 5).
struct Ending {
  Frame last_frame;  // session_terminated, shutdown; may be null
  std::uint16_t close_code = 1008;
  std::string close_reason;
};

// One connection as the hub sees it. All members are called on the connection's shard, and must not add or remove
// listeners before they return: a connection that is to end does so in a later turn of its loop.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void deliver(const ChannelEvent& event) = 0;
  // Again for a channel that is joined already: nothing was missed and nothing comes twice.
  virtual void joined(ChannelId channel, std::int64_t live_from) = 0;
  // Delivery on the channel has ended (`notice` may be null); what is unsent of it must not leave any more.
  virtual void left(ChannelId channel, const Frame& notice) = 0;
  virtual void end(const Ending& ending) = 0;
  virtual UserId user() const = 0;
  virtual SessionId session() const = 0;
};

struct HubStats {
  std::size_t connections = 0;
  std::uint64_t published = 0;
  std::uint64_t delivered = 0;
};

// Who listens to which channel, per shard. The members named "any thread" post to the shards concerned; what one thread
// posts arrives on each shard in that order. Since all commits come from the ledger's thread, a listener added in
// committed() sees exactly the events of later commits.
class Hub {
 public:
  explicit Hub(std::vector<Executor> shards);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // On the connection's own shard.
  void add(ConnectionRef connection, Listener& listener);
  void remove(ConnectionRef connection);  // from every channel, too

  // Any thread.
  void publish(ChannelEvent event);
  void subscribe(ConnectionRef connection, ChannelId channel, std::int64_t live_from);
  void unsubscribe(ConnectionRef connection, ChannelId channel, Frame notice);
  // Ends delivery of a channel to all connections of a user (membership ended).
  void unsubscribe_user(UserId user, ChannelId channel, Frame notice);
  void end_session(SessionId session, Ending ending);
  void end_user(UserId user, std::optional<SessionId> except, Ending ending);
  void end_all(Ending ending);
  HubStats stats() const;

 private:
  class Shard;
  template <class Act>
  void post_to_all(Act act);
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<std::uint64_t> published_;
};

}  // namespace mcp::realtime
