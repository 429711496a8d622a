// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/id.hpp"
#include "core/task.hpp"
#include "crypto/digest.hpp"
#include "db/database.hpp"
#include "ledger/unit.hpp"
#include "messages/message.hpp"

namespace mcp::messages {

// The message that a clientMessageId already named: what its first answer said.
struct EarlierSend {
  MessageId id;
  std::int64_t seq = 0;
  std::int64_t rev = 0;  // at its creation
  bool contains_phi = false;
  Timestamp timestamp;
  db::Bytes body_mac;
};
void ask_earlier_send(ledger::Acquisition& acquisition, ChannelId channel, UserId sender,
                      const std::string& client_message_id);
std::optional<EarlierSend> read_earlier_send(const ledger::Work& work);

// Members of the channel among these lower-case usernames.
void ask_mentioned(ledger::Acquisition& acquisition, ChannelId channel, const std::vector<std::string>& names);
std::vector<UserId> read_mentioned(const ledger::Work& work);  // ascending

struct SealedMessage {
  MessageId id;
  ChannelId channel;
  UserId sender;
  ledger::ChannelNumbers numbers;
  std::string encrypted_text;
  KeyId text_key;
  std::string encrypted_metadata;
  bool contains_phi = false;
  std::optional<std::string> client_message_id;
  std::optional<crypto::Sha256> body_mac;  // exactly when there is a client_message_id
};
void write_message(ledger::Work& work, const SealedMessage& message);

// A message as it lies in the table; `message` without text, metadata and reactions.
struct StoredMessage {
  Message message;
  std::optional<std::string> encrypted_text;
  std::optional<KeyId> text_key;
  std::optional<std::string> encrypted_metadata;
};

struct Page {
  ChannelId channel;
  UserId reader;                // sees nothing unless a member
  std::int64_t after_seq = 0;   // exclusive
  std::int64_t before_seq = 0;  // exclusive
  bool from_newest = true;      // which end of the range the rows are taken from
  std::int64_t limit = 0;
};

struct ContentAccess {
  bool channel_exists = false;
  bool is_member = false;
};

class MessageStore {
 public:
  explicit MessageStore(db::Database& database) : database_(database) {}

  Task<ContentAccess> content_access(ChannelId channel, UserId user) const;
  // Ascending by seq.
  Task<std::vector<StoredMessage>> page(Page page) const;
  // The same messages with their reactions; `mine` is the reader's.
  Task<std::vector<StoredMessage>> with_reactions(std::vector<StoredMessage> messages, UserId reader) const;

 private:
  db::Database& database_;
};

}  // namespace mcp::messages
