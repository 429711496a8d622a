// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "gateway/session.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "audit/events.hpp"
#include "core/check.hpp"
#include "core/limits.hpp"
#include "core/log.hpp"
#include "gateway/replies.hpp"
#include "ledger/ledger.hpp"

namespace mcp::gateway {
namespace {

constexpr int heartbeats_per_second = 2;  // contract-realtime 1.1: not counted as frames
constexpr std::uint16_t went_away = 1001;
constexpr std::uint16_t policy_violation = 1008;
constexpr std::uint16_t internal_error = 1011;
constexpr std::uint16_t try_again_later = 1013;
constexpr std::chrono::milliseconds reconnect_spread_max{10'000};  // contract-realtime 1.2
constexpr int reads_per_turn = 4;                                  // then others' sockets have their turn
constexpr std::size_t events_per_turn = 64;

ShardTime in_shard_time(std::chrono::milliseconds span) { return static_cast<ShardTime>(span.count()); }

std::string_view failure_reason(std::uint16_t code) {
  switch (code) {
    case 1003: return "binary frame";
    case 1007: return "invalid UTF-8";
    case 1009: return "frame too large";
    default: return "protocol error";
  }
}

// 0 to 10 s, so that the clients of a stopped server do not all return at once.
std::chrono::milliseconds random_spread() {
  const auto& bytes = Uuid::v4().bytes();
  const auto number = static_cast<std::uint32_t>((bytes[0] << 16) | (bytes[1] << 8) | bytes[2]);
  return std::chrono::milliseconds(number % static_cast<std::uint32_t>(reconnect_spread_max.count() + 1));
}

}  // namespace

Session::Session(std::shared_ptr<Shard> shard, std::unique_ptr<net::Stream> stream, Admissions::Place place,
                 Origin origin, std::string answer)
    : shard_(std::move(shard)),
      stream_(std::move(stream)),
      place_(std::move(place)),
      decoder_(limits::unauthenticated_frame_bytes_max),
      outbox_(shard_->settings().send_queue_bytes, shard_->budget()),
      frames_(shard_->settings().rate_per_second, shard_->settings().rate_burst, shard_->now()),
      heartbeats_(heartbeats_per_second, heartbeats_per_second, shard_->now()),
      connected_at_(shard_->wall_clock()),
      began_(shard_->now()),
      last_frame_at_(began_),
      last_ping_at_(began_),
      last_progress_at_(began_) {
  actor_.origin = std::move(origin);
  outbox_.push_last(std::make_shared<const std::string>(std::move(answer)));
}

Session::~Session() = default;

Task<> Session::run(std::unique_ptr<Session> session, std::string leftover, bool is_server_full) {
  session->shard_->add(*session);
  session->mark_for_flush();
  if (is_server_full) session->close(try_again_later, "server at capacity");
  bool has_failed = false;
  try {
    co_await session->read_until_end(std::move(leftover));
  } catch (const std::exception&) {
    has_failed = true;
  }
  if (has_failed) {  // out of memory, or a bug: nothing about this connection can be relied on any more
    log::error("gateway", "a connection failed", {{log::Field::connection_id, session->id_}});
    session->close(internal_error, "internal error");
  }
  co_await session->wind_up();
}

Task<> Session::read_until_end(std::string leftover) {
  if (!leftover.empty()) {
    std::vector<CodecEvent> events;
    decoder_.feed({reinterpret_cast<const std::uint8_t*>(leftover.data()), leftover.size()}, events);
    std::string().swap(leftover);
    co_await process(std::move(events));
  }
  bool may_come_more = true;
  while (may_come_more && state_ != State::closed) {
    if (co_await stream_->wait_readable(net::Deadline::max()) != net::IoStatus::done) co_return;
    std::vector<CodecEvent> events;
    may_come_more = read_some(events);
    if (!events.empty()) co_await process(std::move(events));
  }
}

bool Session::read_some(std::vector<CodecEvent>& events) {
  const auto buffer = shard_->read_buffer();
  for (int i = 0; i < reads_per_turn && events.size() < events_per_turn; ++i) {
    const net::IoResult read = stream_->try_read(buffer);
    if (read.status == net::IoStatus::would_block) break;
    if (read.status != net::IoStatus::done) return false;
    decoder_.feed(buffer.first(read.bytes), events);
    if (read.bytes < buffer.size()) break;
  }
  if (!events.empty()) {
    last_frame_at_ = shard_->now();
    shard_->frames_in.fetch_add(events.size(), std::memory_order_relaxed);
  }
  return true;
}

Task<> Session::process(std::vector<CodecEvent> events) {
  for (auto& event : events) {
    if (auto* text = std::get_if<TextMessage>(&event)) {
      if (is_open() && !is_shutting_down_) co_await take_text(std::move(text->text));
    } else if (const auto* ping = std::get_if<Ping>(&event)) {
      if (is_open()) answer_ping(*ping);
    } else if (const auto* close_frame = std::get_if<CloseReceived>(&event)) {
      co_await acts_.at_most(0);  // what came before it is answered before it is
      close(close_frame->code, {});
      finish_closing();
    } else if (const auto* failure = std::get_if<ProtocolFailure>(&event)) {
      co_await acts_.at_most(0);
      close(failure->close_code, failure_reason(failure->close_code));
      finish_closing();
    }
  }
}

Task<> Session::wind_up() {
  if (!outbox_.empty() && state_ != State::closed) write_out();  // a last answer that only waited for this turn's end
  state_ = State::closed;
  leave_hub();
  stream_->close();
  co_await acts_.at_most(0);
  co_await writer_.at_most(0);
  shard_->remove(*this);
  if (!live_.empty()) shard_->services().memberships.delivery_ended(frame_actor(), std::move(live_));
  record_disconnected();
}

void Session::record_disconnected() {
  if (!std::exchange(is_recorded_, false)) return;
  const auto duration = shard_->wall_clock() - connected_at_;
  audit::Details details;
  details.number("code", close_code_).number("durationMs", duration.count());
  shard_->services().ledger.submit(
      std::make_shared<ledger::AuditUnit>(audit::entry("websocket_disconnected", frame_actor(), std::move(details))));
}

void Session::close(std::uint16_t code, std::string_view reason) {
  if (!is_open()) return;
  state_ = State::closing;
  closing_since_ = shard_->now();
  close_code_ = code;
  enqueue_last(std::make_shared<const std::string>(close_frame(code, reason)));
  mark_for_flush();
}

void Session::abandon() {
  state_ = State::closed;
  stream_->close();
}

// Once both close frames have passed, or no more can be understood, our side of TCP ends; the peer's end follows, or
// the deadline of the close handshake. Closing at once instead could reset the connection before the peer read our
// frame.
void Session::finish_closing() {
  if (state_ != State::closing || !outbox_.empty() || !decoder_.has_ended() || has_sent_fin_) return;
  has_sent_fin_ = true;
  stream_->shutdown_write();
}

void Session::tick(ShardTime now, Timestamp wall_clock) {
  const Settings& settings = shard_->settings();
  if (!outbox_.empty() && now - last_progress_at_ >= in_shard_time(settings.write_timeout)) return abandon();
  switch (state_) {
    case State::unauthenticated:
      if (now - began_ >= in_shard_time(settings.authentication_timeout)) {
        close(policy_violation, "authentication timeout");
      }
      return;
    case State::authenticating: return;  // the database's own time-outs end it
    case State::closing:
      if (now - closing_since_ >= in_shard_time(limits::close_handshake)) abandon();
      return;
    case State::closed: return;
    case State::active: break;
  }
  if (wall_clock >= session_expires_at_) {
    session_expires_at_ = Timestamp::max();  // once
    acts_.begin();
    asio::co_spawn(shard_->executor(), prolong_or_end(), [](std::exception_ptr fault) { CHECK(!fault); });
  }
  if (now - last_frame_at_ >= in_shard_time(settings.idle_timeout)) return close(went_away, "idle timeout");
  if (now - last_ping_at_ >= in_shard_time(settings.heartbeat_interval)) {
    static const auto shared_ping = std::make_shared<const std::string>(ping_frame());
    last_ping_at_ = now;
    enqueue(shared_ping, realtime::Delivery::reliable);
  }
}

void Session::shut_down() {
  if (!is_open()) return;
  is_shutting_down_ = true;
  if (acts_.count() == 0) say_goodbye();
}

void Session::say_goodbye() {
  if (state_ == State::active) reply(shutdown_event(random_spread(), shard_->wall_clock()));
  close(went_away, "server shutdown");
}

void Session::close_slow_consumer() {
  if (!is_open()) return;
  shard_->slow_consumers.fetch_add(1, std::memory_order_relaxed);
  log::warn("gateway", "a client does not read what it is sent",
            {{log::Field::connection_id, id_}, {log::Field::bytes, outbox_.bytes()}});
  outbox_.drop_all();
  close(try_again_later, "slow consumer");
}

void Session::deliver(const realtime::ChannelEvent& event) {
  if (state_ != State::active) return;
  if (event.seq > 0) {
    const auto live = std::ranges::find(live_, event.channel, &channels::LiveRange::channel);
    if (live == live_.end() || event.seq < live->first) return;
    live->last = event.seq;
  }
  const bool is_own = event.sender_frame && event.sender == actor_.user;
  enqueue(is_own ? event.sender_frame : event.frame, event.delivery, event.channel);
}

void Session::joined(ChannelId channel, std::int64_t live_from) {
  if (is_live(channel)) return;
  live_.push_back({.channel = channel, .first = live_from, .last = live_from - 1});
}

void Session::left(ChannelId channel, const realtime::Frame& notice) {
  outbox_.drop_channel(channel);
  const auto live = std::ranges::find(live_, channel, &channels::LiveRange::channel);
  if (live == live_.end()) return;
  // Without a notice it was this connection that left, and the leave has closed the phi_access itself.
  if (notice) shard_->services().memberships.delivery_ended(frame_actor(), {*live});
  live_.erase(live);
  if (notice && is_open()) enqueue(notice, realtime::Delivery::reliable);
}

void Session::end(const realtime::Ending& ending) {
  if (!is_open()) return;
  outbox_.drop_channels();
  if (ending.last_frame) enqueue_last(ending.last_frame);
  close(ending.close_code, ending.close_reason);
}

void Session::leave_hub() {
  if (std::exchange(is_in_hub_, false)) shard_->services().hub.remove(ref());
}

}  // namespace mcp::gateway
