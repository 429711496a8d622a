// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// The WebSocket decoder over arbitrary bytes: it neither crashes nor holds more than it may, what it lets through is
// valid, and the outcome does not depend on how the bytes were cut. The first byte of the input chooses the cuts.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "core/utf8.hpp"
#include "gateway/codec.hpp"

namespace {

using mcp::gateway::CodecEvent;
using mcp::gateway::Decoder;

constexpr std::size_t message_bytes_max = 4096;

void require(bool claim) {
  if (!claim) std::abort();
}

std::string describe(const std::vector<CodecEvent>& events) {
  struct Describe {
    std::string operator()(const mcp::gateway::TextMessage& it) const { return "t" + it.text; }
    std::string operator()(const mcp::gateway::Ping& it) const { return "i" + it.payload; }
    std::string operator()(const mcp::gateway::Pong&) const { return "o"; }
    std::string operator()(const mcp::gateway::CloseReceived& it) const { return "c" + std::to_string(it.code); }
    std::string operator()(const mcp::gateway::ProtocolFailure& it) const {
      return "f" + std::to_string(it.close_code);
    }
  };
  std::string text;
  for (const auto& event : events) text += std::visit(Describe{}, event) + '\n';
  return text;
}

void check(const std::vector<CodecEvent>& events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (const auto* message = std::get_if<mcp::gateway::TextMessage>(&events[i])) {
      require(mcp::utf8::is_valid(message->text) && message->text.size() <= message_bytes_max);
    } else if (const auto* ping = std::get_if<mcp::gateway::Ping>(&events[i])) {
      require(ping->payload.size() <= 125);
    } else if (!std::holds_alternative<mcp::gateway::Pong>(events[i])) {
      require(i + 1 == events.size());  // nothing comes after a close or a failure
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::uint8_t> input(data + 1, size - 1);

  Decoder whole(message_bytes_max);
  std::vector<CodecEvent> expected;
  whole.feed(input, expected);
  check(expected);
  require(whole.held_bytes() <= 2 * message_bytes_max + 512);

  const std::size_t step = 1 + data[0] % 17U;
  Decoder cut(message_bytes_max);
  std::vector<CodecEvent> events;
  for (std::size_t at = 0; at < input.size(); at += step) {
    cut.feed(input.subspan(at, std::min(step, input.size() - at)), events);
  }
  require(describe(events) == describe(expected));
  return 0;
}
