// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
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

// The receiving half of RFC 6455 for a server, sans I/O: bytes in, events out. Strict: masked frames only, no RSV bits,
// no unknown opcodes, minimal lengths, control frames unfragmented and short, UTF-8 checked byte by byte (fail fast,
// section 8.1), valid close codes. Text only: a binary frame is 1003 (contract-realtime 1). A frame is judged by its
// header before any of its payload is taken. After a failure or a close nothing more comes out.
class Decoder {
 public:
  // A message of more fragments is refused with 1009: each costs us more than it costs the sender.
  static constexpr std::uint8_t fragments_max = 128;

  explicit Decoder(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  void set_message_bytes_max(std::size_t bytes) { message_bytes_max_ = bytes; }  // 8 KiB before authentication
  // Appends the events of these bytes. Keeps only the incomplete frame or message.
  void feed(std::span<const std::uint8_t> bytes, std::vector<CodecEvent>& events);
  // Has a close frame or a failure been seen?
  bool has_ended() const { return ended_; }
  // Bytes on the heap; 0 between messages.
  std::size_t held_bytes() const;

 private:
  using Input = std::span<const std::uint8_t>;
  using Events = std::vector<CodecEvent>;

  void take_header(Input& input, Events& events);
  void take_payload(Input& input, Events& events);
  // Each returns the close code of what it refuses, 0 when all is well.
  std::uint16_t check_first_byte(std::uint8_t byte) const;
  std::uint16_t check_second_byte(std::uint8_t byte) const;
  std::uint16_t begin_payload(std::uint64_t payload_bytes);
  std::uint16_t finish_data_frame(Events& events);
  void finish_control_frame(Events& events);
  void finish_close(Events& events);
  void fail(std::uint16_t close_code, Events& events);

  std::size_t message_bytes_max_;
  std::string message_;  // payload so far of the data message
  std::string control_;  // payload so far of the control frame
  std::uint64_t payload_left_ = 0;
  std::array<std::uint8_t, 14> header_{};  // of the current frame, as far as it has come
  std::array<std::uint8_t, 4> mask_{};     // turned so that its first byte is the next one to use
  std::uint8_t header_bytes_ = 0;
  std::uint8_t utf8_state_ = 0;
  std::uint8_t fragments_ = 0;  // of the message under way; 0: none is
  bool in_payload_ = false;
  bool ended_ = false;
};

// Frames the server sends: never masked.
std::string ping_frame();
std::string pong_frame(std::string_view payload);
// `reason` is UTF-8 and is cut to 123 bytes at a character's boundary. Code 1005 gives a close frame without a code.
std::string close_frame(std::uint16_t code, std::string_view reason);

}  // namespace mcp::gateway
