// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "audit/events.hpp"
#include "core/actor.hpp"
#include "core/result.hpp"
#include "ledger/unit.hpp"
#include "messages/message_store.hpp"

namespace mcp::messages {

inline constexpr audit::Operation read_operation{.route = "GET /api/messages", .frame_type = "join_channel"};

// What was opened for one caller.
struct Opened {
  std::vector<std::int64_t> seqs;  // ascending: texts that opened, one decryption each
  struct Failed {
    MessageId message;
    std::optional<KeyId> key;
  };
  std::vector<Failed> failed;
};

// The record of a read, durable before the text leaves. The reader's rights are checked once more: who lost them since
// the rows were read gets nothing.
class ReadUnit : public ledger::Unit {
 public:
  ReadUnit(Actor actor, ChannelId channel, Opened opened);

  void acquire(ledger::Acquisition& acquisition) const override;
  void build(ledger::Work& work) override;
  Result<> answer() const { return answer_; }

 private:
  Result<> decide(ledger::Work& work) const;

  Actor actor_;
  ChannelId channel_;
  Opened opened_;
  Result<> answer_;
};

}  // namespace mcp::messages
