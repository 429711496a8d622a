// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "channels/channel_json.hpp"

#include <fmt/format.h>

#include "core/json.hpp"

namespace mcp::channels {
namespace {

std::string text_or_null(const std::optional<std::string>& text) { return text ? json::quoted(*text) : "null"; }

std::string time_or_null(const std::optional<Timestamp>& time) { return time ? '"' + to_iso8601(*time) + '"' : "null"; }

// "firstName lastName", else the username (contract-rest 2).
std::string display_name(const Peer& peer) {
  std::string name = peer.first_name.value_or("");
  if (peer.last_name && !peer.last_name->empty()) {
    if (!name.empty()) name += ' ';
    name += *peer.last_name;
  }
  return name.empty() ? peer.username : name;
}

std::string peer_to_json(const Peer& peer, std::string_view presence) {
  return fmt::format(R"({{"id":"{}","username":{},"displayName":{},"firstName":{},"lastName":{},"role":{},)"
                     R"("presence":"{}","status":{}}})",
                     peer.id.text(), json::quoted(peer.username), json::quoted(display_name(peer)),
                     text_or_null(peer.first_name), text_or_null(peer.last_name), json::quoted(peer.role_name),
                     presence, json::quoted(peer.status));
}

}  // namespace

std::string channel_to_json(const Channel& channel, std::string_view peer_presence) {
  const bool is_member = channel.my_role.has_value();
  std::string text = fmt::format(
      R"({{"id":"{}","kind":"{}","isPrivate":{},"name":{},"description":{},"createdBy":{},"createdAt":"{}",)"
      R"("lastActivity":{},"archived":{},"metadata":{},"memberCount":{},"isMember":{},"myRole":{})",
      channel.id.text(), name(channel.kind), channel.kind != ChannelKind::public_, text_or_null(channel.name),
      text_or_null(channel.description), channel.created_by ? '"' + channel.created_by->text() + '"' : "null",
      to_iso8601(channel.created_at), time_or_null(channel.last_activity), channel.archived, channel.metadata,
      channel.member_count, is_member, is_member ? fmt::format(R"("{}")", name(*channel.my_role)) : "null");
  if (is_member) {
    text += fmt::format(R"(,"lastSeq":{},"lastReadSeq":{},"unreadCount":{})", channel.last_seq, channel.last_read_seq,
                        channel.last_seq - channel.last_read_seq);
    if (channel.peer) text += R"(,"peer":)" + peer_to_json(*channel.peer, peer_presence);
  }
  return text += '}';
}

std::string member_joined_event(const Actor& person, ChannelId channel, ChannelRole role, Timestamp at) {
  return fmt::format(R"({{"type":"member_joined","data":{{"channelId":"{}","userId":"{}","username":{},"role":"{}",)"
                     R"("byUserId":"{}"}},"timestamp":"{}"}})",
                     channel.text(), person.user.text(), json::quoted(person.username), name(role), person.user.text(),
                     to_iso8601(at));
}

std::string member_left_event(const Actor& person, ChannelId channel, std::int64_t seq, Timestamp at) {
  return fmt::format(R"({{"type":"member_left","data":{{"channelId":"{}","userId":"{}","username":{},)"
                     R"("byUserId":"{}","seq":{}}},"timestamp":"{}"}})",
                     channel.text(), person.user.text(), json::quoted(person.username), person.user.text(), seq,
                     to_iso8601(at));
}

std::string channel_left_notice(ChannelId channel, std::string_view reason, Timestamp at) {
  return fmt::format(R"({{"type":"channel_left","channelId":"{}","reason":{},"timestamp":"{}"}})", channel.text(),
                     json::quoted(reason), to_iso8601(at));
}

}  // namespace mcp::channels
