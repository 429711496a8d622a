// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "gateway/protocol.hpp"

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "core/json.hpp"
#include "core/limits.hpp"

namespace mcp::gateway {
namespace {

// Most frames are parsed within this; larger ones take more from the heap.
constexpr std::size_t parsing_space_bytes = 8 * 1024;
// Numbers that JavaScript holds exactly.
constexpr std::int64_t sequence_max = (std::int64_t{1} << 53) - 1;
constexpr std::size_t token_code_points_max = 4096;
constexpr std::size_t epoch_code_points_max = 64;
// The service knows the limit in force; this one bounds the work.
constexpr std::size_t text_code_points_bound = 64 * 1024;

// [A-Za-z0-9._:-]{1,64} (contract-realtime 2 and 3).
bool is_reference(std::string_view text) {
  return !text.empty() && text.size() <= limits::request_id_max && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == ':' || c == '-';
  });
}

// Reads an optional field of that form and refuses another.
std::optional<std::string> optional_reference(json::Fields& fields, std::string_view field) {
  auto text = fields.optional_text(field, {.min = 1, .max = limits::request_id_max});
  if (text && !is_reference(*text)) {
    fields.refuse(field, FieldCode::format, "may hold letters, digits and . _ : - only");
    return std::nullopt;
  }
  return text;
}

FrameType frame_type(std::string_view name) {
  if (name == "send_message") return FrameType::send_message;
  if (name == "ping" || name == "heartbeat") return FrameType::heartbeat;
  if (name == "join_channel") return FrameType::join_channel;
  if (name == "leave_channel") return FrameType::leave_channel;
  if (name == "authenticate") return FrameType::authenticate;
  return FrameType::unreadable;
}

SendMessage read_send_message(json::Fields& fields) {
  messages::Draft draft;
  // That exactly one of the two is given, and what else makes a message, is the service's to say.
  if (const auto channel = fields.optional_uuid("channelId")) draft.channel = ChannelId(*channel);
  if (const auto recipient = fields.optional_uuid("recipientId")) draft.recipient = UserId(*recipient);
  draft.text = MessageText(fields.text("text", {.min = 1, .max = text_code_points_bound, .allow_line_breaks = true}));
  draft.contains_phi = fields.optional_bool("containsPHI").value_or(false);
  draft.metadata = fields.optional_object("metadata", limits::metadata_bytes_max);
  draft.client_message_id = fields.optional_text("clientMessageId", {.min = 1, .max = limits::client_message_id_max});
  return SendMessage{.draft = std::move(draft)};
}

JoinChannel read_join_channel(json::Fields& fields) {
  return JoinChannel{.channel = ChannelId(fields.uuid("channelId")),
                     .since_seq = fields.optional_integer("sinceSeq", 0, sequence_max),
                     .since_rev = fields.optional_integer("sinceRev", 0, sequence_max),
                     .epoch = fields.optional_text("epoch", {.min = 1, .max = epoch_code_points_max})};
}

LeaveChannel read_leave_channel(json::Fields& fields) {
  return LeaveChannel{.channel = ChannelId(fields.uuid("channelId")),
                      .keep_membership = fields.optional_bool("keepMembership").value_or(false)};
}

Command read_command(FrameType type, json::Fields& fields) {
  switch (type) {
    case FrameType::authenticate:
      return Authenticate{.token = Secret(fields.text("token", {.min = 1, .max = token_code_points_max}))};
    case FrameType::join_channel: return read_join_channel(fields);
    case FrameType::leave_channel: return read_leave_channel(fields);
    case FrameType::send_message: return read_send_message(fields);
    case FrameType::heartbeat:
    case FrameType::unreadable: break;
  }
  return Heartbeat{};
}

ClientFrame read_object(const boost::json::object& object) {
  ClientFrame frame;
  const auto* type = object.if_contains("type");
  if (type == nullptr || !type->is_string()) {
    frame.command = fail(ErrorCode::bad_request, "A frame needs a type");
    return frame;
  }
  json::Fields fields(object);
  frame.request_id = optional_reference(fields, "requestId").value_or("");
  frame.type = frame_type(type->get_string());
  if (frame.type == FrameType::unreadable) {
    frame.command = fail(ErrorCode::unknown_type, "Unknown frame type");
    return frame;
  }
  frame.command = read_command(frame.type, fields);
  if (auto good = fields.finish(json::Unknown::ignore); !good) {
    frame.command = std::unexpected(std::move(good.error()));
  }
  return frame;
}

}  // namespace

std::string_view name(FrameType type) {
  switch (type) {
    case FrameType::unreadable: return "unreadable";
    case FrameType::authenticate: return "authenticate";
    case FrameType::join_channel: return "join_channel";
    case FrameType::leave_channel: return "leave_channel";
    case FrameType::send_message: return "send_message";
    case FrameType::heartbeat: return "heartbeat";
  }
  return "unreadable";
}

ClientFrame read_frame(std::string_view text) {
  std::array<unsigned char, parsing_space_bytes> space;  // NOLINT(cppcoreguidelines-pro-type-member-init): scratch
  boost::json::monotonic_resource memory(space.data(), space.size());
  const auto parsed = json::parse(text, &memory);
  ClientFrame frame;
  if (!parsed) {
    frame.command = std::unexpected(parsed.error());
  } else if (const auto* object = parsed->if_object(); object == nullptr) {
    frame.command = fail(ErrorCode::bad_request, "A frame must be a JSON object");
  } else {
    frame = read_object(*object);
  }
  return frame;
}

}  // namespace mcp::gateway
