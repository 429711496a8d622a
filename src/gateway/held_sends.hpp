// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/id.hpp"
#include "messages/message.hpp"

namespace mcp::gateway {

// Keeps the order of a sender whose frames are pipelined: once a send has failed by a fault, the sends behind it on
// that channel are refused until the failed one comes again (contract-realtime 6; a client that repeats all unanswered
// frames in order loses nothing). A failed send without a clientMessageId cannot be recognised: it holds the channel
// until the pipeline has drained, when every frame sent in ignorance of the failure has been answered.
class HeldSends {
 public:
  // More channels in trouble at once than any honest client has; beyond it the connection is ended.
  static constexpr std::size_t channels_max = 64;

  struct Key {
    Uuid target;                    // channel, or recipient of a direct message
    std::string client_message_id;  // empty: none

    static Key of(const messages::Draft& draft);
  };

  // Must this send be refused? One that repeats the failed send lifts the hold.
  bool holds(const Key& key);
  // The earliest failed send of a channel stays the one to be repeated. False when there is no room.
  bool add(Key key);
  void drained();

 private:
  std::vector<Key> held_;
};

}  // namespace mcp::gateway
