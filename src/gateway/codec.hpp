// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mcp::gateway {

// What a peer's bytes mean. Everything the codec refuses becomes a ProtocolFailure with the close code to send.
struct TextMessage {
  std::string text;  // whole message, valid UTF-8
};
struct Ping {
  std::string payload;  // at most 125 bytes, to be echoed
};
struct Pong {};
struct CloseReceived {
  std::uint16_t code = 1005;  // 1005: none was given
};
struct ProtocolFailure {
  std::uint16_t close_code;  // 1002, 1003, 1007, 1009
};
using CodecEvent = std::variant<TextMessage, Ping, Pong, CloseReceived, ProtocolFailure>;

// The receiving half of RFC 6455 for a server, sans I/O: bytes in, events out. Strict: masked frames only, no RSV bits, no
// unknown opcodes, minimal lengths, control frames unfragmented and short, UTF-8 checked fragment by fragment (fail fast,
// section 8.1), valid close codes. Text only: a binary frame is 1003 (contract-realtime 1). After a failure or a close
// nothing more comes out.
class Decoder {
 public:
  explicit Decoder(std::size_t message_bytes_max);

  void set_message_bytes_max(std::size_t bytes) { message_bytes_max_ = bytes; }  // 8 KiB before authentication
  // Appends the events of these bytes. Keeps only the incomplete frame.
  void feed(std::span<const std::uint8_t> bytes, std::vector<CodecEvent>& events);
  std::size_t held_bytes() const;

 private:
  // see codec.cpp
  std::size_t message_bytes_max_;
  std::string header_;   // bytes of an incomplete frame header
  std::string control_;  // payload of an incomplete control frame
  std::string message_;  // payload so far of the data message
  std::uint64_t payload_left_ = 0;
  std::uint32_t mask_ = 0;
  std::uint8_t mask_offset_ = 0;
  std::uint8_t opcode_ = 0;
  bool in_payload_ = false;
  bool final_ = false;
  bool fragmented_ = false;
  bool ended_ = false;
  std::uint32_t utf8_state_ = 0;
};

// Frames the server sends: never masked.
std::string ping_frame();
std::string pong_frame(std::string_view payload);
std::string close_frame(std::uint16_t code, std::string_view reason);  // reason cut to 123 bytes

// Sec-WebSocket-Accept (RFC 6455 section 4.2.2).
std::string accept_key(std::string_view websocket_key);

}  // namespace mcp::gateway
