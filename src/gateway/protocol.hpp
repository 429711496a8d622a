// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/id.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "messages/message.hpp"

// What clients say: frames into structs (contract-realtime 2 and 3).
namespace mcp::gateway {

struct Authenticate {
  Secret token;
};
struct JoinChannel {
  ChannelId channel;
  std::optional<std::int64_t> since_seq;
  std::optional<std::int64_t> since_rev;
  std::optional<std::string> epoch;
};
struct LeaveChannel {
  ChannelId channel;
  bool keep_membership = false;
};
struct SendMessage {
  messages::Draft draft;
};
struct Heartbeat {};

using Command = std::variant<Authenticate, JoinChannel, LeaveChannel, SendMessage, Heartbeat>;

enum class FrameType : std::uint8_t {
  unreadable,  // no JSON object, no `type`, or a type that is not served
  authenticate,
  join_channel,
  leave_channel,
  send_message,
  heartbeat,  // ping and heartbeat
};
std::string_view name(FrameType type);  // "join_channel"

struct ClientFrame {
  FrameType type = FrameType::unreadable;
  std::string request_id;  // to be echoed; empty: none was given, or one that is not allowed
  //   fails   bad_request (not a JSON object, no `type`), unknown_type, validation_failed. Unknown fields are ignored
  Result<Command> command = fail(ErrorCode::bad_request, "");
};

// `text` is valid UTF-8, as the codec gives it.
ClientFrame read_frame(std::string_view text);

}  // namespace mcp::gateway
