// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "gateway/replies.hpp"

#include <fmt/format.h>

#include <iterator>

#include "core/json.hpp"
#include "core/permission.hpp"

namespace mcp::gateway {
namespace {

// Builds one flat JSON object. Members whose text comes from outside go through text(); `word` is for ids, codes and
// names of ours that need no escapes.
class Reply {
 public:
  explicit Reply(std::string_view type) { fmt::format_to(out(), R"({{"type":"{}")", type); }

  Reply& word(std::string_view member, std::string_view value) {
    fmt::format_to(out(), R"(,"{}":"{}")", member, value);
    return *this;
  }
  Reply& text(std::string_view member, std::string_view value) { return json(member, json::quoted(value)); }
  Reply& number(std::string_view member, std::int64_t value) {
    fmt::format_to(out(), R"(,"{}":{})", member, value);
    return *this;
  }
  Reply& flag(std::string_view member, bool value) { return json(member, value ? "true" : "false"); }
  Reply& json(std::string_view member, std::string_view value) {
    fmt::format_to(out(), R"(,"{}":{})", member, value);
    return *this;
  }
  Reply& reference(std::string_view request_id) {  // of its closed alphabet
    return request_id.empty() ? *this : word("requestId", request_id);
  }
  std::string finish(Timestamp at) {
    word("timestamp", to_iso8601(at));
    buffer_.push_back('}');
    return fmt::to_string(buffer_);
  }

 private:
  std::back_insert_iterator<fmt::memory_buffer> out() { return std::back_inserter(buffer_); }
  fmt::memory_buffer buffer_;
};

std::string field_errors(const std::vector<FieldError>& errors) {
  std::string list = "[";
  for (const auto& error : errors) {
    if (list.size() > 1) list += ',';
    list += fmt::format(R"({{"field":{},"code":"{}","message":{}}})", json::quoted(error.field), name(error.code),
                        json::quoted(error.message));
  }
  return list + ']';
}

std::string permission_names(Permissions permissions) {
  std::string list = "[";
  for (std::size_t i = 0; i < permission_count; ++i) {
    const auto permission = static_cast<Permission>(i);
    if (!permissions.has(permission)) continue;
    if (list.size() > 1) list += ',';
    list += fmt::format(R"("{}")", name(permission));
  }
  return list + ']';
}

std::string resume_object(Resume resume) {
  switch (resume.status) {
    case ResumeStatus::none: return R"({"status":"none"})";
    case ResumeStatus::complete: return R"({"status":"complete"})";
    case ResumeStatus::snapshot_required:
      return fmt::format(R"({{"status":"snapshot_required","reason":"{}"}})", resume.reason);
  }
  return R"({"status":"none"})";
}

}  // namespace

std::string error_reply(const Error& error, Stamp stamp) {
  Reply reply("error");
  reply.text("error", error.message).word("code", name(error.code)).reference(stamp.request_id);
  if (!error.fields.empty()) reply.json("errors", field_errors(error.fields));
  if (error.retry_after) reply.number("retryAfterMs", error.retry_after->count());
  return reply.finish(stamp.at);
}

std::string pong_reply(Stamp stamp) { return Reply("pong").reference(stamp.request_id).finish(stamp.at); }

std::string authentication_accepted(const Welcome& welcome, Stamp stamp) {
  const auto& account = welcome.identity.account;
  const auto& session = welcome.identity.session;
  const std::string user =
      fmt::format(R"({{"id":"{}","username":{},"displayName":{},"role":{},"permissions":{}}})", account.id.text(),
                  json::quoted(account.username), json::quoted(account.display_name()), json::quoted(account.role_name),
                  permission_names(account.permissions));
  const std::string limits = fmt::format(
      R"({{"maxFrameBytes":{},"maxTextLength":{},"ratePerSecond":{},"rateBurst":{},"heartbeatIntervalMs":{},)"
      R"("idleTimeoutMs":{},"replayMax":{}}})",
      welcome.frame_bytes_max, welcome.text_code_points_max, welcome.rate_per_second, welcome.rate_burst,
      welcome.heartbeat_interval.count(), welcome.idle_timeout.count(), welcome.replay_max);
  return Reply("authentication_response")
      .flag("success", true)
      .reference(stamp.request_id)
      .json("user", user)
      .word("sessionId", session.id.text())
      .word("expiresAt", to_iso8601(session.expires_at))
      .word("connectionId", welcome.connection.text())
      .text("epoch", welcome.epoch)
      .json("limits", limits)
      .finish(stamp.at);
}

std::string authentication_refused(const Error& error, Stamp stamp) {
  return Reply("authentication_response")
      .flag("success", false)
      .text("error", error.message)
      .word("code", name(error.code))
      .reference(stamp.request_id)
      .finish(stamp.at);
}

std::string channel_joined_reply(const channels::Joined& joined, Resume resume, std::string_view epoch, Stamp stamp) {
  return Reply("channel_joined")
      .reference(stamp.request_id)
      .word("channelId", joined.channel.text())
      .text("epoch", epoch)
      .number("headSeq", joined.head_seq)
      .number("headRev", joined.head_rev)
      .number("liveFrom", joined.live_from)
      .number("lastReadSeq", joined.last_read_seq)
      .word("role", channels::name(joined.role))
      .flag("auto", false)
      .json("resume", resume_object(resume))
      .json("presence", "[]")
      .finish(stamp.at);
}

std::string channel_left_reply(ChannelId channel, Stamp stamp) {
  return Reply("channel_left")
      .reference(stamp.request_id)
      .word("channelId", channel.text())
      .word("reason", "request")
      .finish(stamp.at);
}

std::string message_ack_reply(const messages::Sent& sent, std::string_view request_id) {
  Reply reply("message_ack");
  reply.reference(request_id).word("messageId", sent.id.text());
  if (sent.client_message_id) reply.text("clientMessageId", *sent.client_message_id);
  return reply.word("channelId", sent.channel.text())
      .number("seq", sent.seq)
      .number("rev", sent.rev)
      .number("version", sent.version)
      .flag("containsPHI", sent.contains_phi)
      .finish(sent.timestamp);
}

std::string session_terminated_event(std::string_view reason, Timestamp at) {
  return Reply("session_terminated")
      .json("data", fmt::format(R"({{"reason":"{}","reconnect":false}})", reason))
      .finish(at);
}

std::string shutdown_event(std::chrono::milliseconds reconnect_after, Timestamp at) {
  return Reply("system_event")
      .word("eventType", "shutdown")
      .json("data", fmt::format(R"({{"reconnectAfterMs":{}}})", reconnect_after.count()))
      .finish(at);
}

}  // namespace mcp::gateway
