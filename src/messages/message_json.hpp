// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/id.hpp"
#include "core/result.hpp"
#include "messages/message.hpp"

namespace mcp::messages {

// Towards whom a message is written: the one shape of REST and WebSocket, with what only some may see.
enum class Audience : std::uint8_t {
  everybody,    // a live event shared by all: no clientMessageId, reactions without `mine`
  own_sockets,  // a live event to the sender's connections: clientMessageId when there is one
  rest_caller,  // clientMessageId to its sender, reactions with `mine`
};

// Message (contract-rest 2).
//   caller   with rest_caller: who is asking
std::string message_to_json(const Message& message, Audience audience, UserId caller = {});

// new_message: encoded once for everybody who joined the channel.
std::string new_message_event(const Message& message, Audience audience, Timestamp at);

// The body of POST /api/messages. Rules about the values are the service's.
Result<Draft> read_draft(std::string_view body);

// The metadata as stored: the client's own keys with the mentions the server found; a client's `mentions` is replaced.
//   client_metadata   canonical JSON object, or empty
std::string with_mentions(std::string_view client_metadata, const std::vector<UserId>& mentions);

// The bytes whose keyed digest tells a retry from another message under the same key (contract-data 3): RFC 8785 JSON
// of what the client sent, before detection and mention resolution.
Secret body_to_compare(const Draft& draft, ChannelId channel, UserId sender);

}  // namespace mcp::messages
