// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "channels/membership_service.hpp"
#include "core/clock.hpp"
#include "core/id.hpp"
#include "core/result.hpp"
#include "identity/account.hpp"
#include "messages/message.hpp"

// What the server answers and tells: structs into JSON text (contract-realtime 4 and 5). Events of a feature
// (new_message, member_joined) are written by that feature.
namespace mcp::gateway {

// Ends every answer: the client's own reference, when it gave one, and the time.
struct Stamp {
  std::string_view request_id;  // empty: none
  Timestamp at;
};

std::string error_reply(const Error& error, Stamp stamp);
std::string pong_reply(Stamp stamp);

struct Welcome {
  const identity::Identity& identity;
  ConnectionId connection;
  std::string_view epoch;
  std::size_t frame_bytes_max;
  std::size_t text_code_points_max;
  int rate_per_second;
  int rate_burst;
  std::chrono::milliseconds heartbeat_interval;
  std::chrono::milliseconds idle_timeout;
  std::size_t replay_max;
};
std::string authentication_accepted(const Welcome& welcome, Stamp stamp);
std::string authentication_refused(const Error& error, Stamp stamp);

// What a client that names what it knows already gets to hear (contract-realtime 6).
enum class ResumeStatus : std::uint8_t { none, complete, snapshot_required };
struct Resume {
  ResumeStatus status = ResumeStatus::none;
  std::string_view reason;  // with snapshot_required: "epoch", "ahead", "too_far"
};
std::string channel_joined_reply(const channels::Joined& joined, Resume resume, std::string_view epoch, Stamp stamp);
std::string channel_left_reply(ChannelId channel, Stamp stamp);
// Its timestamp is the message's, not the stamp's.
std::string message_ack_reply(const messages::Sent& sent, std::string_view request_id);

std::string session_terminated_event(std::string_view reason, Timestamp at);
std::string shutdown_event(std::chrono::milliseconds reconnect_after, Timestamp at);

}  // namespace mcp::gateway
