// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "channels/direct_channel_service.hpp"
#include "core/actor.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "db/database.hpp"
#include "ledger/ledger.hpp"
#include "messages/message.hpp"
#include "messages/message_store.hpp"
#include "realtime/hub.hpp"

namespace mcp::messages {

struct MessageSettings {
  std::size_t text_code_points_max = 4000;
};

// GET /api/messages?channelId= (contract-rest 6).
struct HistoryQuery {
  ChannelId channel;
  std::optional<std::int64_t> after_seq;   // exclusive
  std::optional<std::int64_t> before_seq;  // exclusive
  bool ascending = false;                  // order of the answer
  bool from_newest = true;                 // which end of the range the page is taken from
  std::size_t limit = 50;
};

struct History {
  std::vector<Message> messages;
  bool has_more = false;  // the range holds more beyond this page
};

class MessageService {
 public:
  MessageService(db::Database& database, ledger::Ledger& ledger, crypto::Keyring& keys, realtime::Hub& hub,
                 MessageSettings settings);

  // Validates, seals, commits with its audit entry, publishes new_message to the channel; returns after COMMIT.
  // Session, account, membership, permission and channel state are checked again inside the transaction.
  //   fails   validation_failed, bad_request, not_found, forbidden, conflict, token_invalid (session ended meanwhile),
  //           password_change_required
  //   throws  db::Fault: nothing was acknowledged; with clientMessageId, sending again is safe
  Task<Result<Sent>> send(Actor actor, Draft draft);

  // One phi_access entry is durable before this returns with text; a text that does not open comes without it, marked,
  // with a decryption_failed entry.
  //   fails   not_found, reason_required (holders of admin.messages outside membership), forbidden, token_invalid
  Task<Result<History>> history(Actor actor, HistoryQuery query);

 private:
  Result<> check_draft(const Draft& draft) const;
  Task<> record_refused_read(Actor actor, std::string_view reason, ChannelId channel);

  MessageStore store_;
  channels::DirectChannelService direct_channels_;
  ledger::Ledger& ledger_;
  crypto::Keyring& keys_;
  realtime::Hub& hub_;
  MessageSettings settings_;
};

}  // namespace mcp::messages
