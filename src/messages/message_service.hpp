// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/actor.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "db/database.hpp"
#include "ledger/ledger.hpp"
#include "messages/message.hpp"
#include "realtime/hub.hpp"

namespace mcp::messages {

struct MessageSettings {
  std::size_t text_code_points_max = 4000;
};

// GET /api/messages?channelId= (contract-rest 6).
struct HistoryQuery {
  ChannelId channel;
  std::optional<std::int64_t> after_seq;
  std::optional<std::int64_t> before_seq;
  bool ascending = false;
  std::size_t limit = 50;
};

class MessageService {
 public:
  MessageService(db::Database& database, ledger::Ledger& ledger, crypto::Keyring& keys, realtime::Hub& hub,
                 MessageSettings settings);

  // Validates, seals, commits with its audit entry, publishes new_message to the channel; returns after COMMIT.
  // Session, account, membership, permission and channel state are checked again inside the transaction.
  //   fails   validation_failed, not_found, forbidden, conflict, token_invalid (session ended meanwhile)
  //   throws  db::Fault: nothing was acknowledged; with clientMessageId, sending again is safe
  Task<Result<Sent>> send(Actor actor, Draft draft);

  // Newest first unless ascending. One phi_access entry is durable before this returns with text.
  //   fails   not_found, reason_required (holders of admin.messages outside membership), forbidden
  Task<Result<std::vector<Message>>> history(Actor actor, HistoryQuery query);

 private:
  db::Database& database_;
  ledger::Ledger& ledger_;
  crypto::Keyring& keys_;
  realtime::Hub& hub_;
  MessageSettings settings_;
};

}  // namespace mcp::messages
