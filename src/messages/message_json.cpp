// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "messages/message_json.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <iterator>

#include "core/check.hpp"
#include "core/json.hpp"
#include "core/limits.hpp"

namespace mcp::messages {
namespace {

using Buffer = fmt::memory_buffer;

void append(Buffer& into, std::string_view text) { into.append(text.data(), text.data() + text.size()); }

void append_time(Buffer& into, std::string_view member, const std::optional<Timestamp>& time) {
  fmt::format_to(std::back_inserter(into), R"(,"{}":)", member);
  append(into, time ? '"' + to_iso8601(*time) + '"' : "null");
}

void append_user(Buffer& into, std::string_view member, const std::optional<UserId>& user) {
  fmt::format_to(std::back_inserter(into), R"(,"{}":)", member);
  append(into, user ? '"' + user->text() + '"' : "null");
}

void append_reactions(Buffer& into, const std::vector<ReactionCount>& reactions, bool with_mine) {
  append(into, R"(,"reactions":[)");
  for (bool is_first = true; const auto& reaction : reactions) {
    if (!std::exchange(is_first, false)) append(into, ",");
    fmt::format_to(std::back_inserter(into), R"({{"reaction":{},"count":{})", json::quoted(reaction.reaction),
                   reaction.count);
    if (with_mine) append(into, reaction.mine ? R"(,"mine":true)" : R"(,"mine":false)");
    append(into, "}");
  }
  append(into, "]");
}

void append_client_message_id(Buffer& into, const Message& message, Audience audience, UserId caller) {
  const bool is_own =
      audience == Audience::own_sockets || (audience == Audience::rest_caller && caller == message.sender);
  if (!is_own) return;
  if (message.client_message_id) {
    append(into, R"(,"clientMessageId":)");
    append(into, json::quoted(*message.client_message_id));
  } else if (audience == Audience::rest_caller) {
    append(into, R"(,"clientMessageId":null)");
  }
}

void append_message(Buffer& into, const Message& message, Audience audience, UserId caller) {
  auto out = std::back_inserter(into);
  fmt::format_to(out,
                 R"({{"id":"{}","channelId":"{}","seq":{},"rev":{},"version":{},"senderId":"{}","sender":{},"text":)",
                 message.id.text(), message.channel.text(), message.seq, message.rev, message.version,
                 message.sender.text(), json::quoted(message.sender_name));
  append(into, message.has_text ? json::quoted(message.text.reveal()) : "null");
  if (message.decryption_error) append(into, R"(,"decryptionError":true)");
  fmt::format_to(out, R"(,"timestamp":"{}")", to_iso8601(message.timestamp));
  append_time(into, "editedAt", message.edited_at);
  fmt::format_to(out, R"(,"deleted":{})", message.deleted);
  append_time(into, "deletedAt", message.deleted_at);
  append_user(into, "deletedBy", message.deleted_by);
  fmt::format_to(out, R"(,"flagged":{},"containsPHI":{},"metadata":{})", message.flagged, message.contains_phi,
                 message.metadata);
  append_reactions(into, message.reactions, audience == Audience::rest_caller);
  append_user(into, "recipientId", message.recipient);
  append_client_message_id(into, message, audience, caller);
  append(into, "}");
}

}  // namespace

std::string message_to_json(const Message& message, Audience audience, UserId caller) {
  Buffer text;
  append_message(text, message, audience, caller);
  return fmt::to_string(text);
}

std::string new_message_event(const Message& message, Audience audience, Timestamp at) {
  Buffer text;
  append(text, R"({"type":"new_message","data":)");
  append_message(text, message, audience, {});
  fmt::format_to(std::back_inserter(text), R"(,"timestamp":"{}"}})", to_iso8601(at));
  return fmt::to_string(text);
}

Result<Draft> read_draft(std::string_view body) {
  const auto parsed = json::parse(body);
  if (!parsed) return std::unexpected(parsed.error());
  const auto* object = parsed->if_object();
  if (object == nullptr) return fail(ErrorCode::bad_request, "Body must be a JSON object");

  constexpr std::size_t text_bound = 64 * 1024;  // the service knows the limit in force; this one bounds the work
  json::Fields fields(*object);
  Draft draft;
  if (const auto channel = fields.optional_uuid("channelId")) draft.channel = ChannelId(*channel);
  if (const auto recipient = fields.optional_uuid("recipientId")) draft.recipient = UserId(*recipient);
  draft.text = MessageText(fields.text("text", {.min = 1, .max = text_bound, .allow_line_breaks = true}));
  draft.contains_phi = fields.optional_bool("containsPHI").value_or(false);
  draft.metadata = fields.optional_object("metadata", limits::metadata_bytes_max);
  draft.client_message_id = fields.optional_text("clientMessageId", {.min = 1, .max = limits::client_message_id_max});
  if (const auto good = fields.finish(json::Unknown::refuse); !good) return std::unexpected(good.error());
  return draft;
}

std::string with_mentions(std::string_view client_metadata, const std::vector<UserId>& mentions) {
  boost::json::object merged;
  if (!client_metadata.empty()) {
    auto parsed = json::parse(client_metadata);
    CHECK(parsed && parsed->is_object());  // canonical text that our own reader made
    merged = std::move(parsed->as_object());
  }
  boost::json::array list;
  for (const auto& user : mentions) list.emplace_back(user.text());
  merged["mentions"] = std::move(list);
  return json::canonical(merged);
}

Secret body_to_compare(const Draft& draft, ChannelId channel, UserId sender) {
  std::string text;
  text.reserve(draft.text.size_bytes() * 2 + draft.metadata.value_or("").size() + 256);  // one buffer, wiped at the end
  text += R"({"channelId":")" + channel.text();
  text += R"(","containsPHI":)";
  text += draft.contains_phi ? "true" : "false";
  text += R"(,"metadata":)";
  text += draft.metadata.value_or("{}");
  text += R"(,"senderId":")" + sender.text();
  text += R"(","text":)";
  const Secret quoted(json::quoted(draft.text.reveal()));
  text += quoted.reveal();
  text += '}';
  return Secret(std::move(text));
}

}  // namespace mcp::messages
