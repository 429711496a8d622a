// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// What a session does with each frame (contract-realtime 3).
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "audit/events.hpp"
#include "core/check.hpp"
#include "core/limits.hpp"
#include "core/log.hpp"
#include "gateway/replies.hpp"
#include "gateway/session.hpp"
#include "ledger/ledger.hpp"
#include "messages/message_service.hpp"

namespace mcp::gateway {
namespace {

constexpr std::uint16_t policy_violation = 1008;
constexpr std::uint16_t internal_error = 1011;
constexpr std::uint16_t rate_refusals_tolerated = 200;   // within 60 s (contract-realtime 1.1)
constexpr std::uint16_t protocol_errors_tolerated = 10;  // within 60 s

// contract-realtime 6: what a client that names what it has gets to hear. Only "nothing is missing" is served as a
// resume; for the rest the client reads the history over REST and live delivery starts at once.
Resume resume_of(const JoinChannel& command, const channels::Joined& joined, std::string_view epoch) {
  if (!command.since_seq) return {};
  if (command.epoch && *command.epoch != epoch) return {.status = ResumeStatus::snapshot_required, .reason = "epoch"};
  if (*command.since_seq > joined.head_seq) return {.status = ResumeStatus::snapshot_required, .reason = "ahead"};
  if (*command.since_seq < joined.head_seq) return {.status = ResumeStatus::snapshot_required, .reason = "too_far"};
  const bool may_have_changes = command.since_rev && *command.since_rev < joined.head_rev;
  if (may_have_changes) return {.status = ResumeStatus::snapshot_required, .reason = "too_far"};
  return {.status = ResumeStatus::complete, .reason = {}};
}

}  // namespace

Task<> Session::take_text(std::string text) {
  ClientFrame frame = read_frame(text);
  std::string().swap(text);
  if (!admit(frame)) co_return;
  Command command = std::move(*frame.command);
  if (auto* message = std::get_if<SendMessage>(&command)) {
    co_await take_send(std::move(*message), std::move(frame.request_id));
    co_return;
  }
  co_await acts_.at_most(0);  // frames take effect in the order of their arrival
  if (is_open()) co_await carry_out(std::move(command), std::move(frame.request_id));
}

// Whether the frame is to be carried out; if not, it has been answered. Shape comes before rate (contract-realtime 3),
// but a frame of bad shape takes its token, too.
bool Session::admit(const ClientFrame& frame) {
  const ShardTime now = shard_->now();
  const bool is_free = frame.type == FrameType::heartbeat && heartbeats_.take(now);
  const bool is_within_rate = is_free || frames_.take(now);
  const bool may_come_early = frame.type == FrameType::heartbeat || frame.type == FrameType::authenticate;
  if (state_ != State::active && !(may_come_early && frame.command)) {
    answer_unauthenticated(frame);
    return false;
  }
  if (!is_within_rate && rate_refusals_.add(now, rate_refusals_tolerated)) {
    close(policy_violation, "rate limit");
    return false;
  }
  if (!frame.command) {
    refuse(frame.command.error(), frame.request_id);
    return false;
  }
  if (!is_within_rate) {
    refuse(Error{.code = ErrorCode::rate_limited,
                 .message = "Too many frames",
                 .fields = {},
                 .retry_after = frames_.next_in()},
           frame.request_id);
    return false;
  }
  return true;
}

void Session::answer_unauthenticated(const ClientFrame& frame) {
  const bool is_unreadable =
      !frame.command && (frame.command.error().code == ErrorCode::bad_request || frame.type == FrameType::authenticate);
  const Error error = is_unreadable
                          ? frame.command.error()
                          : Error{.code = ErrorCode::auth_required, .message = "Authenticate first", .fields = {}};
  refuse(error, frame.request_id);
  if (++unauthenticated_frames_ >= limits::unauthenticated_frames_max) close(policy_violation, "authentication failed");
}

void Session::refuse(const Error& error, std::string_view request_id) {
  reply(error_reply(error, {.request_id = request_id, .at = shard_->wall_clock()}));
  const bool is_protocol_error = error.code == ErrorCode::bad_request || error.code == ErrorCode::unknown_type;
  if (is_protocol_error && protocol_errors_.add(shard_->now(), protocol_errors_tolerated)) {
    close(policy_violation, "protocol violations");
  }
  // A service found at the moment of its commit that the session is no more: the socket must not outlive it.
  if (error.code == ErrorCode::token_invalid && state_ == State::active) {
    const Timestamp at = shard_->wall_clock();
    end({.last_frame = realtime::text_frame(session_terminated_event("revoked", at)),
         .close_code = policy_violation,
         .close_reason = "session terminated"});
  }
}

void Session::answer_ping(const Ping& ping) {
  const ShardTime now = shard_->now();
  if (heartbeats_.take(now) || frames_.take(now)) {
    enqueue(std::make_shared<const std::string>(pong_frame(ping.payload)), realtime::Delivery::reliable);
  } else if (rate_refusals_.add(now, rate_refusals_tolerated)) {
    close(policy_violation, "rate limit");
  }
}

Task<> Session::carry_out(Command command, std::string request_id) {
  if (auto* first = std::get_if<Authenticate>(&command)) {
    co_await take_authenticate(std::move(*first), std::move(request_id));
  } else if (auto* join = std::get_if<JoinChannel>(&command)) {
    co_await take_join(std::move(*join), std::move(request_id));
  } else if (const auto* leave = std::get_if<LeaveChannel>(&command)) {
    co_await take_leave(*leave, std::move(request_id));
  } else {
    reply(pong_reply({.request_id = request_id, .at = shard_->wall_clock()}));
  }
}

Task<> Session::take_join(JoinChannel command, std::string request_id) {
  const bool was_live = is_live(command.channel);
  auto joined = co_await join(command.channel, was_live);
  // A membership that ended while the join was under way took the delivery with it.
  if (joined && was_live && !is_live(command.channel)) joined = co_await join(command.channel, false);
  if (!joined) co_return refuse(joined.error(), request_id);
  const std::string& epoch = shard_->settings().epoch;
  reply(channel_joined_reply(*joined, resume_of(command, *joined, epoch), epoch,
                             {.request_id = request_id, .at = shard_->wall_clock()}));
}

Task<Result<channels::Joined>> Session::join(ChannelId channel, bool is_live) {
  auto joining = shard_->services().memberships.join(frame_actor(), channel, ref(), is_live);
  co_return co_await guarded(std::move(joining), FrameType::join_channel);
}

bool Session::is_live(ChannelId channel) const {
  return std::ranges::find(live_, channel, &channels::LiveRange::channel) != live_.end();
}

Task<> Session::take_leave(LeaveChannel command, std::string request_id) {
  const auto at = std::ranges::find(live_, command.channel, &channels::LiveRange::channel);
  const channels::LiveRange live =
      at != live_.end() ? *at : channels::LiveRange{.channel = command.channel, .first = 0, .last = 0};
  auto leaving =
      shard_->services().memberships.leave(frame_actor(), command.channel, command.keep_membership, ref(), live);
  const auto left = co_await guarded(std::move(leaving), FrameType::leave_channel);
  if (!left) co_return refuse(left.error(), request_id);
  reply(channel_left_reply(command.channel, {.request_id = request_id, .at = shard_->wall_clock()}));
}

// Hands the message over and goes on reading: the acknowledgement comes when it is committed.
Task<> Session::take_send(SendMessage command, std::string request_id) {
  // Opening a direct channel takes a trip of its own, during which later sends would overtake this one.
  const bool is_alone = command.draft.recipient.has_value();
  co_await acts_.at_most(is_alone ? 0 : limits::pending_frames_max - 1);
  if (!is_open() || is_shutting_down_) co_return;
  if (held_sends_.holds(HeldSends::Key::of(command.draft))) {
    co_return refuse(Error{.code = ErrorCode::unavailable,
                           .message = "An earlier message of yours failed: send that one again first",
                           .fields = {}},
                     request_id);
  }
  acts_.begin();
  asio::co_spawn(shard_->executor(), send(std::move(command.draft), std::move(request_id)),
                 [](std::exception_ptr fault) { CHECK(!fault); });
  if (is_alone) co_await acts_.at_most(0);
}

Task<> Session::send(messages::Draft draft, std::string request_id) {
  HeldSends::Key key = HeldSends::Key::of(draft);
  auto sending = shard_->services().messages.send(frame_actor(), std::move(draft));
  auto sent = co_await guarded(std::move(sending), FrameType::send_message);
  finish_send(std::move(key), std::move(sent), request_id);
}

// In the turn in which the commit's answer arrives: the message's own event comes in a later one (contract-realtime 6,
// O3).
void Session::finish_send(HeldSends::Key key, Result<messages::Sent> sent, std::string_view request_id) {
  if (sent) {
    reply(message_ack_reply(*sent, request_id));
  } else {
    const bool has_failed = sent.error().code == ErrorCode::unavailable || sent.error().code == ErrorCode::internal;
    refuse(sent.error(), request_id);
    if (has_failed && !held_sends_.add(std::move(key))) close(internal_error, "internal error");
  }
  finish_act();
}

void Session::finish_act() {
  acts_.end();
  if (acts_.count() > 0) return;
  held_sends_.drained();
  if (is_shutting_down_ && is_open()) say_goodbye();
}

// Every frame is an act of its own in the audit trail; the client's requestId is an echo only.
Actor Session::frame_actor() const {
  Actor actor = actor_;
  actor.origin.request_id = Uuid::v7().text();
  return actor;
}

// What a frame leaves behind that failed by no fault of the client: a log line and an audit entry with the same
// reference, and an answer with a fixed text.
Error Session::report_fault(const std::exception_ptr& fault, FrameType type) {
  const auto& classify = shard_->settings().classify_fault;
  const http::FaultReport report = classify ? classify(fault) : http::FaultReport{};
  Actor actor = frame_actor();
  log::error("gateway", "a frame failed",
             {{log::Field::connection_id, id_},
              {log::Field::error_ref, actor.origin.request_id},
              {log::Field::name, name(type)},
              {log::Field::error_code, report.error.code},
              {log::Field::error_class, report.error_class},
              {log::Field::statement, report.statement},
              {log::Field::sqlstate, report.sqlstate}});
  audit::Details details;
  details.word("code", mcp::name(report.error.code)).word("errorRef", actor.origin.request_id);
  shard_->services().ledger.submit(std::make_shared<ledger::AuditUnit>(
      actor_.user.is_zero()
          ? audit::entry("websocket_error", std::nullopt, actor.origin, std::move(details), ledger::Outcome::failure)
          : audit::entry("websocket_error", actor, std::move(details), ledger::Outcome::failure)));
  return report.error;
}

}  // namespace mcp::gateway
