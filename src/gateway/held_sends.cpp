// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "gateway/held_sends.hpp"

#include <algorithm>
#include <utility>

namespace mcp::gateway {

HeldSends::Key HeldSends::Key::of(const messages::Draft& draft) {
  Uuid target;
  if (draft.channel) target = draft.channel->uuid();
  if (draft.recipient) target = draft.recipient->uuid();
  return Key{.target = target, .client_message_id = draft.client_message_id.value_or("")};
}

bool HeldSends::holds(const Key& key) {
  const auto at = std::ranges::find(held_, key.target, &Key::target);
  if (at == held_.end()) return false;
  if (at->client_message_id.empty() || at->client_message_id != key.client_message_id) return true;
  held_.erase(at);
  if (held_.empty()) held_.shrink_to_fit();
  return false;
}

bool HeldSends::add(Key key) {
  if (std::ranges::find(held_, key.target, &Key::target) != held_.end()) return true;
  if (held_.size() == channels_max) return false;
  held_.push_back(std::move(key));
  return true;
}

void HeldSends::drained() {
  if (held_.empty()) return;
  std::erase_if(held_, [](const Key& key) { return key.client_message_id.empty(); });
}

}  // namespace mcp::gateway
