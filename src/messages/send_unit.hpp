// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/events.hpp"
#include "channels/membership.hpp"
#include "core/actor.hpp"
#include "core/result.hpp"
#include "crypto/digest.hpp"
#include "crypto/keyring.hpp"
#include "ledger/unit.hpp"
#include "messages/message.hpp"
#include "messages/message_store.hpp"
#include "realtime/hub.hpp"

namespace mcp::messages {

inline constexpr audit::Operation send_operation{.route = "POST /api/messages", .frame_type = "send_message"};

// One message: checked, sealed with its seq and written under its channel's lock, told to the channel after COMMIT.
class SendUnit : public ledger::Unit {
 public:
  //   draft      valid, with `channel` set
  //   mentioned  lower-case names found in the text; those who are members at commit are mentioned
  //   body_mac   exactly when the draft has a client_message_id
  SendUnit(Actor actor, Draft draft, std::vector<std::string> mentioned, std::optional<crypto::Sha256> body_mac,
           crypto::Keyring& keys, realtime::Hub& hub);

  void acquire(ledger::Acquisition& acquisition) const override;
  void build(ledger::Work& work) override;
  void publish() override;
  std::vector<std::string> exclusive_keys() const override;
  std::string order_key() const override;

  // Copied: publish() may still run on the ledger's thread.
  Result<Sent> answer() const { return answer_; }

 private:
  Result<Sent> decide(ledger::Work& work);
  Result<> check_membership(ledger::Work& work, const channels::Membership& membership) const;
  Result<Sent> repeat(const EarlierSend& earlier, const channels::Membership& membership,
                      const ledger::Work& work) const;
  Sent compose(ledger::Work& work, const channels::Membership& membership) const;
  void write(ledger::Work& work, const Sent& sent) const;
  Message event_message(const Sent& sent);

  Actor actor_;
  Draft draft_;
  ChannelId channel_;
  std::vector<std::string> mentioned_;
  std::optional<crypto::Sha256> body_mac_;
  crypto::Keyring& keys_;
  realtime::Hub& hub_;
  MessageId id_;
  Result<Sent> answer_;
};

}  // namespace mcp::messages
