// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// How a session learns who it talks to (contract-realtime 1 and 3).
#include <utility>

#include "audit/events.hpp"
#include "core/log.hpp"
#include "gateway/replies.hpp"
#include "gateway/session.hpp"
#include "identity/session_service.hpp"
#include "ledger/ledger.hpp"

namespace mcp::gateway {
namespace {

constexpr std::uint16_t policy_violation = 1008;
constexpr std::uint16_t try_again_later = 1013;

bool is_fault(const Error& error) { return error.code == ErrorCode::unavailable || error.code == ErrorCode::internal; }

// The word of the audit entry.
std::string_view failure_word(ErrorCode code) {
  switch (code) {
    case ErrorCode::password_change_required: return "password_change_required";
    case ErrorCode::two_factor_required: return "two_factor_required";
    default: return "token_invalid";
  }
}

}  // namespace

Task<> Session::take_authenticate(Authenticate command, std::string request_id) {
  std::string token(command.token.reveal());
  if (state_ == State::active) {
    co_await authenticate_again(std::move(token), std::move(request_id));
  } else if (state_ == State::unauthenticated) {
    co_await authenticate_first(std::move(token), std::move(request_id));
  }
}

Task<> Session::authenticate_first(std::string token, std::string request_id) {
  if (const auto& admit_attempt = shard_->settings().authentication_tier.admit) {
    if (auto admitted = admit_attempt(actor_.origin.ip_address); !admitted) {
      refuse(admitted.error(), request_id);
      co_return close(policy_violation, "authentication failed");
    }
  }
  state_ = State::authenticating;
  auto identity = co_await verify(token);
  if (identity && state_ == State::authenticating) {
    actor_ = identity::SessionService::actor_of(*identity, std::move(actor_.origin), Via::websocket);
    if (const auto recorded = co_await record_connected(); !recorded) identity = std::unexpected(recorded.error());
  }
  if (identity && state_ == State::authenticating) {
    if (const auto refused = place_.become(identity->account.id, identity->session.id)) {
      co_return *refused == PlaceRefusal::server_full ? close(try_again_later, "server at capacity")
                                                      : close(policy_violation, "too many connections");
    }
    shard_->services().hub.add(ref(), *this);
    is_in_hub_ = true;
    // A session that ended between the look-up and the hub's knowing of us would live on here: look once more.
    identity = co_await verify(token);
  }
  if (state_ != State::authenticating) co_return;  // ended meanwhile
  if (identity) {
    actor_ = identity::SessionService::actor_of(*identity, std::move(actor_.origin), Via::websocket);
    co_return welcome(*identity, request_id);
  }
  leave_hub();
  record_disconnected();
  actor_ = Actor{.user = {},
                 .session = {},
                 .role = {},
                 .username = {},
                 .role_name = {},
                 .permissions = {},
                 .origin = std::move(actor_.origin),
                 .via = Via::websocket};
  state_ = State::unauthenticated;
  if (is_fault(identity.error())) co_return refuse(identity.error(), request_id);
  co_await refuse_authentication(identity.error(), std::move(request_id));
}

// A client that authenticates once more gets the same answer; it cannot become somebody else on the same socket.
Task<> Session::authenticate_again(std::string token, std::string request_id) {
  auto identity = co_await verify(std::move(token));
  if (!is_open()) co_return;
  if (!identity && is_fault(identity.error())) co_return refuse(identity.error(), request_id);
  if (!identity) co_return co_await refuse_authentication(identity.error(), std::move(request_id));
  if (identity->account.id != actor_.user || identity->session.id != actor_.session) {
    co_return refuse(
        Error{.code = ErrorCode::conflict, .message = "The connection belongs to another session", .fields = {}},
        request_id);
  }
  welcome(*identity, request_id);
}

// Who the token stands for, if they may use a socket now.
//   fails   token_invalid, password_change_required, two_factor_required; unavailable or internal after a fault
Task<Result<identity::Identity>> Session::verify(std::string token) {
  auto identifying = shard_->services().sessions.identify(std::move(token));
  auto identity = co_await guarded(std::move(identifying), FrameType::authenticate);
  if (!identity) co_return identity;
  const Actor actor = identity::SessionService::actor_of(*identity, actor_.origin, Via::websocket);
  const auto& sessions = shard_->services().sessions;
  if (!sessions.check_network(actor)) co_return fail(ErrorCode::token_invalid, "The token is not valid");
  if (auto allowed = sessions.check_restrictions(actor); !allowed) {
    co_return std::unexpected(std::move(allowed.error()));
  }
  co_return identity;
}

// The session's time is up by what was known of it; a refreshed token may have prolonged it meanwhile. When nobody can
// tell, it ends.
Task<> Session::prolong_or_end() {
  auto looking = shard_->services().sessions.identity_of(frame_actor());
  const auto identity = co_await guarded(std::move(looking), FrameType::authenticate);
  const Timestamp now = shard_->wall_clock();
  if (identity && identity->session.expires_at > now) {
    session_expires_at_ = identity->session.expires_at;
  } else {
    end({.last_frame = realtime::text_frame(session_terminated_event("expired", now)),
         .close_code = policy_violation,
         .close_reason = "session terminated"});
  }
  finish_act();
}

Task<Result<>> Session::committed(std::shared_ptr<ledger::Unit> unit) {
  co_await shard_->services().ledger.commit(std::move(unit));
  co_return Result<>{};
}

// websocket_connected, durable before the answer that announces the connection.
Task<Result<>> Session::record_connected() {
  audit::Details details;
  details.id("connectionId", id_);
  const auto unit =
      std::make_shared<ledger::AuditUnit>(audit::entry("websocket_connected", frame_actor(), std::move(details)));
  const auto recorded = co_await guarded(committed(unit), FrameType::authenticate);
  is_recorded_ = recorded.has_value();
  co_return recorded;
}

// One failure: durable in the audit trail, counted against the address, answered, and the end of the socket.
Task<> Session::refuse_authentication(Error error, std::string request_id) {
  audit::Details details;
  details.word("reason", failure_word(error.code)).word("transport", "websocket");
  Origin origin = actor_.origin;
  origin.request_id = Uuid::v7().text();
  const auto unit = std::make_shared<ledger::AuditUnit>(
      audit::entry("authentication_failure", std::nullopt, origin, std::move(details), ledger::Outcome::failure));
  const auto recorded = co_await guarded(committed(unit), FrameType::authenticate);
  const auto& count_failure = shard_->settings().authentication_tier.count_failure;
  if (count_failure) count_failure(actor_.origin.ip_address);
  if (!recorded) {
    refuse(recorded.error(), request_id);
  } else {
    reply(authentication_refused(error, {.request_id = request_id, .at = shard_->wall_clock()}));
  }
  close(policy_violation, "authentication failed");
}

void Session::welcome(const identity::Identity& identity, std::string_view request_id) {
  const Settings& settings = shard_->settings();
  session_expires_at_ = identity.session.expires_at;
  decoder_.set_message_bytes_max(settings.frame_bytes_max);
  if (state_ == State::authenticating) {
    state_ = State::active;
    last_ping_at_ = last_frame_at_ = shard_->now();
  }
  reply(authentication_accepted({.identity = identity,
                                 .connection = id_,
                                 .epoch = settings.epoch,
                                 .frame_bytes_max = settings.frame_bytes_max,
                                 .text_code_points_max = settings.text_code_points_max,
                                 .rate_per_second = settings.rate_per_second,
                                 .rate_burst = settings.rate_burst,
                                 .heartbeat_interval = settings.heartbeat_interval,
                                 .idle_timeout = settings.idle_timeout,
                                 .replay_max = settings.replay_max},
                                {.request_id = request_id, .at = shard_->wall_clock()}));
}

}  // namespace mcp::gateway
