// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/actor.hpp"
#include "core/clock.hpp"
#include "core/id.hpp"
#include "core/secret.hpp"

namespace mcp::messages {

// What somebody wants to send, as it came from REST or a socket.
struct Draft {
  std::optional<ChannelId> channel;  // exactly one of channel and recipient
  std::optional<UserId> recipient;
  MessageText text;
  bool contains_phi = false;
  std::optional<std::string> metadata;  // canonical JSON object as the client sent it
  std::optional<std::string> client_message_id;
};

struct ReactionCount {
  std::string reaction;
  std::int64_t count = 0;
  bool mine = false;  // of the caller; on the wire in REST only
};

// Message (contract-rest 2). `metadata` is JSON text, mentions included.
struct Message {
  MessageId id;
  ChannelId channel;
  std::optional<UserId> recipient;
  UserId sender;
  std::string sender_name;
  std::int64_t seq = 0;
  std::int64_t rev = 0;
  std::int32_t version = 1;
  std::optional<std::string> client_message_id;
  MessageText text;
  bool has_text = true;  // false: deleted, or does not open
  bool decryption_error = false;
  bool contains_phi = false;
  std::string metadata = R"({"mentions":[]})";
  std::vector<ReactionCount> reactions;
  Timestamp timestamp;
  std::optional<Timestamp> edited_at;
  bool deleted = false;
  std::optional<Timestamp> deleted_at;
  std::optional<UserId> deleted_by;
  bool flagged = false;
};

// The answer to a send: message_ack, and with the draft's text what POST /api/messages shows.
struct Sent {
  MessageId id;
  ChannelId channel;
  std::optional<UserId> recipient;  // direct channels
  std::int64_t seq = 0;
  std::int64_t rev = 0;
  std::int32_t version = 1;
  bool contains_phi = false;
  std::string metadata = R"({"mentions":[]})";
  Timestamp timestamp;
  std::optional<std::string> client_message_id;
  bool repeated = false;  // the key was known: the first answer again
};

}  // namespace mcp::messages
