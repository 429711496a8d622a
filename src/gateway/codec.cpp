// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "gateway/codec.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "gateway/utf8_scanner.hpp"

namespace mcp::gateway {
namespace {

// RFC 6455 section 5.2 and 11.8.
constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
constexpr std::uint8_t opcode_bits = 0x0F;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t length_bits = 0x7F;
constexpr std::uint8_t continuation = 0x0;
constexpr std::uint8_t text = 0x1;
constexpr std::uint8_t binary = 0x2;
constexpr std::uint8_t close = 0x8;
constexpr std::uint8_t ping = 0x9;
constexpr std::uint8_t pong = 0xA;
constexpr std::size_t control_bytes_max = 125;

// Section 7.4.1.
constexpr std::uint16_t protocol_error = 1002;
constexpr std::uint16_t unsupported_data = 1003;
constexpr std::uint16_t no_status = 1005;
constexpr std::uint16_t invalid_text = 1007;
constexpr std::uint16_t too_big = 1009;

constexpr bool is_control(std::uint8_t opcode) { return (opcode & 0x8) != 0; }

// Codes an endpoint may send (section 7.4.2 and the IANA registry up to 1014).
constexpr bool is_valid_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

std::uint64_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (const auto byte : bytes) value = (value << 8) | byte;
  return value;
}

// How long the header is, as far as its first two bytes tell.
constexpr std::size_t header_size(std::uint8_t second_byte) {
  const std::uint8_t length = second_byte & length_bits;
  const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  return 2 + extended + 4;
}

// Appends the unmasked bytes, eight at a time, and turns `mask` by as many.
void append_unmasked(std::string& to, std::span<const std::uint8_t> masked, std::array<std::uint8_t, 4>& mask) {
  const std::size_t old_size = to.size();
  to.resize(old_size + masked.size());
  char* out = to.data() + old_size;

  std::uint32_t mask_word = 0;
  std::memcpy(&mask_word, mask.data(), sizeof mask_word);
  const std::uint64_t wide = (static_cast<std::uint64_t>(mask_word) << 32) | mask_word;
  std::size_t at = 0;
  for (; at + 8 <= masked.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, masked.data() + at, sizeof word);
    word ^= wide;
    std::memcpy(out + at, &word, sizeof word);
  }
  for (; at < masked.size(); ++at) out[at] = static_cast<char>(masked[at] ^ mask[at % 4]);
  std::rotate(mask.begin(), mask.begin() + static_cast<std::ptrdiff_t>(masked.size() % 4), mask.end());
}

std::string control_frame(std::uint8_t opcode, std::string_view payload) {
  std::string frame;
  frame.reserve(2 + payload.size());
  frame.push_back(static_cast<char>(final_bit | opcode));
  frame.push_back(static_cast<char>(payload.size()));
  frame.append(payload);
  return frame;
}

}  // namespace

void Decoder::feed(std::span<const std::uint8_t> bytes, std::vector<CodecEvent>& events) {
  // A frame with an empty payload is complete with its header, so it is finished without further input.
  while (!ended_ && (!bytes.empty() || (in_payload_ && payload_left_ == 0))) {
    if (in_payload_) {
      take_payload(bytes, events);
    } else {
      take_header(bytes, events);
    }
  }
}

void Decoder::take_header(Input& input, Events& events) {
  const std::uint8_t byte = input.front();
  input = input.subspan(1);
  header_[header_bytes_++] = byte;

  std::uint16_t refused = 0;
  if (header_bytes_ == 1) {
    refused = check_first_byte(byte);
  } else if (header_bytes_ == 2) {
    refused = check_second_byte(byte);
  } else if (header_bytes_ == header_size(header_[1])) {
    const std::span header(header_);
    const std::uint8_t short_length = header_[1] & length_bits;
    const std::uint64_t length =
        short_length < 126 ? short_length : big_endian(header.subspan(2, header_bytes_ - std::size_t{6}));
    std::copy_n(header.begin() + header_bytes_ - 4, 4, mask_.begin());
    refused = begin_payload(length);
  } else if (header_bytes_ + std::size_t{4} == header_size(header_[1])) {
    // The length is here: judge it before the mask, so that nothing more of a frame too large is waited for.
    const std::uint64_t length = big_endian(std::span(header_).subspan(2, header_bytes_ - std::size_t{2}));
    if (length < (header_bytes_ == 4 ? 126U : 65536U) || (length >> 63) != 0) refused = protocol_error;
    if (refused == 0 && length > message_bytes_max_ - std::min(message_bytes_max_, message_.size())) refused = too_big;
  }
  if (refused != 0) fail(refused, events);
}

std::uint16_t Decoder::check_first_byte(std::uint8_t byte) const {
  const std::uint8_t opcode = byte & opcode_bits;
  if ((byte & reserved_bits) != 0) return protocol_error;  // no extension was agreed on
  switch (opcode) {
    case continuation: return fragments_ == 0 ? protocol_error : 0;
    case text: return fragments_ != 0 ? protocol_error : 0;
    case binary: return fragments_ != 0 ? protocol_error : unsupported_data;
    case close:
    case ping:
    case pong: return (byte & final_bit) == 0 ? protocol_error : 0;
    default: return protocol_error;
  }
}

std::uint16_t Decoder::check_second_byte(std::uint8_t byte) const {
  if ((byte & mask_bit) == 0) return protocol_error;  // section 5.1: a client masks
  const std::uint8_t length = byte & length_bits;
  if (is_control(header_[0] & opcode_bits)) return length > control_bytes_max ? protocol_error : 0;
  if (length < 126 && length > message_bytes_max_ - std::min(message_bytes_max_, message_.size())) return too_big;
  return 0;
}

std::uint16_t Decoder::begin_payload(std::uint64_t payload_bytes) {
  payload_left_ = payload_bytes;
  in_payload_ = true;
  if (is_control(header_[0] & opcode_bits)) return 0;
  return ++fragments_ > fragments_max ? too_big : 0;
}

void Decoder::take_payload(Input& input, Events& events) {
  const bool is_control_frame = is_control(header_[0] & opcode_bits);
  std::string& into = is_control_frame ? control_ : message_;
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, input.size()));
  const std::size_t old_size = into.size();
  append_unmasked(into, input.first(count), mask_);
  input = input.subspan(count);
  payload_left_ -= count;

  if (!is_control_frame) {
    utf8_state_ = Utf8Scanner::scan(utf8_state_, std::string_view(into).substr(old_size));
    if (utf8_state_ == Utf8Scanner::invalid) return fail(invalid_text, events);
  }
  if (payload_left_ > 0) return;

  in_payload_ = false;
  header_bytes_ = 0;
  if (is_control_frame) {
    finish_control_frame(events);
  } else if (const std::uint16_t refused = finish_data_frame(events); refused != 0) {
    fail(refused, events);
  }
}

std::uint16_t Decoder::finish_data_frame(Events& events) {
  if ((header_[0] & final_bit) == 0) return 0;
  if (utf8_state_ != Utf8Scanner::between_characters) return invalid_text;
  fragments_ = 0;
  events.emplace_back(TextMessage{.text = std::exchange(message_, {})});
  return 0;
}

void Decoder::finish_control_frame(Events& events) {
  switch (header_[0] & opcode_bits) {
    case ping: events.emplace_back(Ping{.payload = std::exchange(control_, {})}); break;
    case pong:
      control_ = {};
      events.emplace_back(Pong{});
      break;
    default: finish_close(events); break;
  }
}

void Decoder::finish_close(Events& events) {
  const std::string payload = std::exchange(control_, {});
  if (payload.empty()) {
    ended_ = true;
    events.emplace_back(CloseReceived{.code = no_status});
    return;
  }
  if (payload.size() == 1) return fail(protocol_error, events);
  const auto code =
      static_cast<std::uint16_t>((static_cast<std::uint8_t>(payload[0]) << 8) | static_cast<std::uint8_t>(payload[1]));
  if (!is_valid_close_code(code)) return fail(protocol_error, events);
  const std::string_view reason = std::string_view(payload).substr(2);
  if (Utf8Scanner::scan(Utf8Scanner::between_characters, reason) != Utf8Scanner::between_characters) {
    return fail(invalid_text, events);
  }
  ended_ = true;
  events.emplace_back(CloseReceived{.code = code});
}

void Decoder::fail(std::uint16_t close_code, Events& events) {
  ended_ = true;
  message_ = {};
  control_ = {};
  events.emplace_back(ProtocolFailure{.close_code = close_code});
}

std::size_t Decoder::held_bytes() const {
  const auto on_heap = [](const std::string& held) {
    return held.capacity() > std::string().capacity() ? held.capacity() : 0;
  };
  return on_heap(message_) + on_heap(control_);
}

std::string ping_frame() { return control_frame(ping, {}); }

std::string pong_frame(std::string_view payload) { return control_frame(pong, payload); }

std::string close_frame(std::uint16_t code, std::string_view reason) {
  if (code == no_status) return control_frame(close, {});
  std::size_t size = std::min(reason.size(), control_bytes_max - 2);
  if (size < reason.size()) {
    while (size > 0 && (static_cast<std::uint8_t>(reason[size]) & 0xC0) == 0x80) --size;
  }
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  payload.append(reason.substr(0, size));
  return control_frame(close, payload);
}

}  // namespace mcp::gateway
