// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "realtime/frame.hpp"

#include <cstdint>

namespace mcp::realtime {

Frame text_frame(std::string_view payload) {
  constexpr char final_text = '\x81';  // FIN and opcode 1 (RFC 6455 section 5.2)
  std::string frame;
  frame.reserve(payload.size() + 10);
  frame.push_back(final_text);
  int length_bytes = 0;
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(payload.size()));
  } else if (payload.size() < 65536) {
    frame.push_back(126);
    length_bytes = 2;
  } else {
    frame.push_back(127);
    length_bytes = 8;
  }
  for (int i = length_bytes - 1; i >= 0; --i) {
    frame.push_back(static_cast<char>(static_cast<std::uint8_t>(payload.size() >> (8 * i))));
  }
  frame.append(payload);
  return std::make_shared<const std::string>(std::move(frame));
}

}  // namespace mcp::realtime
