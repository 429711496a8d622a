// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channels/membership_service.hpp"
#include "core/actor.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "gateway/admissions.hpp"
#include "gateway/codec.hpp"
#include "gateway/frame_rate.hpp"
#include "gateway/held_sends.hpp"
#include "gateway/pending.hpp"
#include "gateway/protocol.hpp"
#include "gateway/shard.hpp"
#include "identity/account.hpp"
#include "ledger/unit.hpp"
#include "net/stream.hpp"
#include "realtime/hub.hpp"
#include "realtime/outbox.hpp"

namespace mcp::gateway {

// One WebSocket connection, from the answer to its upgrade to its end (contract-realtime). On its shard only.
//
// One coroutine, run(), reads and carries out frames in the order of their arrival. Two kinds of tasks run beside it:
// one per send_message that waits for its commit, and at most one that waits until the socket takes more. run() owns
// the session and ends only after both kinds have.
class Session final : public realtime::Listener {
 public:
  // `answer` is the HTTP answer to the upgrade: the first bytes to leave.
  Session(std::shared_ptr<Shard> shard, std::unique_ptr<net::Stream> stream, Admissions::Place place, Origin origin,
          std::string answer);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The connection's whole life. `leftover` are bytes that came behind the upgrade request. When the server is full the
  // handshake is answered and the connection closed at once.
  static Task<> run(std::unique_ptr<Session> session, std::string leftover, bool is_server_full);

  // For the shard.
  void tick(ShardTime now, Timestamp wall_clock);
  void flush();
  void shut_down();
  void close_slow_consumer();
  std::size_t queued_bytes() const { return outbox_.bytes(); }
  std::size_t place_in_shard() const { return place_in_shard_; }
  void set_place_in_shard(std::size_t place) { place_in_shard_ = place; }

  // For the hub.
  void deliver(const realtime::ChannelEvent& event) override;
  void joined(ChannelId channel, std::int64_t live_from) override;
  void left(ChannelId channel, const realtime::Frame& notice) override;
  void end(const realtime::Ending& ending) override;
  UserId user() const override { return actor_.user; }
  SessionId session() const override { return actor_.session; }

 private:
  enum class State : std::uint8_t {
    unauthenticated,
    authenticating,
    active,
    closing,  // our close frame is queued or sent
    closed,
  };

  // Life (session.cpp).
  Task<> read_until_end(std::string leftover);
  bool read_some(std::vector<CodecEvent>& events);  // false: nothing more will come
  Task<> process(std::vector<CodecEvent> events);
  Task<> wind_up();
  void close(std::uint16_t code, std::string_view reason);
  void abandon();
  void finish_closing();
  bool is_open() const { return state_ < State::closing; }
  void say_goodbye();

  // Writing (session_output.cpp).
  void enqueue(realtime::Frame frame, realtime::Delivery delivery, std::optional<ChannelId> channel = {});
  void enqueue_last(realtime::Frame frame);  // whatever else is queued; the caller closes
  void reply(const std::string& json);
  void mark_for_flush();
  bool write_out();  // false: the socket takes no more
  Task<> write_when_possible();

  // Frames (session_frames.cpp).
  Task<> take_text(std::string text);
  bool admit(const ClientFrame& frame);
  void answer_unauthenticated(const ClientFrame& frame);
  void refuse(const Error& error, std::string_view request_id);
  void answer_ping(const Ping& ping);
  Task<> carry_out(Command command, std::string request_id);
  Task<> take_join(JoinChannel command, std::string request_id);
  Task<Result<channels::Joined>> join(ChannelId channel, bool is_live);
  bool is_live(ChannelId channel) const;
  Task<> take_leave(LeaveChannel command, std::string request_id);
  Task<> take_send(SendMessage command, std::string request_id);
  Task<> send(messages::Draft draft, std::string request_id);
  void finish_send(HeldSends::Key key, Result<messages::Sent> sent, std::string_view request_id);
  void finish_act();
  Actor frame_actor() const;
  // What the task returns; a fault it throws becomes an unavailable or internal error, logged and audited.
  template <class T>
  Task<Result<T>> guarded(Task<Result<T>> task, FrameType type);
  Task<Result<>> committed(std::shared_ptr<ledger::Unit> unit);
  Error report_fault(const std::exception_ptr& fault, FrameType type);

  // Authentication (session_authentication.cpp).
  Task<> take_authenticate(Authenticate command, std::string request_id);
  Task<> authenticate_first(std::string token, std::string request_id);
  Task<> authenticate_again(std::string token, std::string request_id);
  Task<Result<identity::Identity>> verify(std::string token);
  Task<Result<>> record_connected();
  void record_disconnected();
  Task<> refuse_authentication(Error error, std::string request_id);
  void welcome(const identity::Identity& identity, std::string_view request_id);
  Task<> prolong_or_end();
  void leave_hub();
  realtime::ConnectionRef ref() const { return {.shard = stream_->shard(), .id = id_}; }

  std::shared_ptr<Shard> shard_;
  std::unique_ptr<net::Stream> stream_;
  ConnectionId id_{Uuid::v4()};
  Admissions::Place place_;
  Actor actor_;  // until authentication only its origin is set
  Timestamp session_expires_at_;
  Decoder decoder_;
  realtime::Outbox outbox_;
  std::vector<channels::LiveRange> live_;  // of the channels joined here; bounded by the user's memberships
  HeldSends held_sends_;
  Pending acts_;  // sends, and the look-up when the session expires
  Pending writer_;
  TokenBucket frames_;
  TokenBucket heartbeats_;
  Strikes rate_refusals_;
  Strikes protocol_errors_;
  std::size_t place_in_shard_ = 0;
  Timestamp connected_at_;
  ShardTime began_;
  ShardTime last_frame_at_;
  ShardTime last_ping_at_;
  ShardTime last_progress_at_;  // of writing
  ShardTime closing_since_ = 0;
  std::uint16_t close_code_ = 1006;  // 1006: it just ended
  std::uint8_t unauthenticated_frames_ = 0;
  State state_ = State::unauthenticated;
  bool is_in_hub_ = false;
  bool is_recorded_ = false;  // websocket_connected is written
  bool is_marked_ = false;    // for the next flush
  bool is_shutting_down_ = false;
  bool has_sent_fin_ = false;
};

template <class T>
Task<Result<T>> Session::guarded(Task<Result<T>> task, FrameType type) {
  std::exception_ptr fault;
  try {
    co_return co_await std::move(task);
  } catch (...) {
    fault = std::current_exception();
  }
  co_return std::unexpected(report_fault(fault, type));
}

}  // namespace mcp::gateway
