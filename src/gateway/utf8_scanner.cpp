// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "gateway/utf8_scanner.hpp"

#include <algorithm>
#include <cstring>

namespace mcp::gateway {
namespace {

// What the next byte must be. Named for the rows of Unicode table 3-7.
enum State : std::uint8_t {
  start = Utf8Scanner::between_characters,
  bad = Utf8Scanner::invalid,
  one_more,    // 80..BF, then done
  two_more,    // 80..BF, then one more
  three_more,  // 80..BF, then two more
  after_e0,    // A0..BF: shorter would be overlong
  after_ed,    // 80..9F: above are surrogates
  after_f0,    // 90..BF: shorter would be overlong
  after_f4,    // 80..8F: above lies beyond U+10FFFF
};

constexpr State first_byte(std::uint8_t byte) {
  if (byte < 0x80) return start;
  if (byte < 0xC2) return bad;  // continuation byte, or overlong form of ASCII
  if (byte < 0xE0) return one_more;
  if (byte == 0xE0) return after_e0;
  if (byte == 0xED) return after_ed;
  if (byte < 0xF0) return two_more;
  if (byte == 0xF0) return after_f0;
  if (byte < 0xF4) return three_more;
  if (byte == 0xF4) return after_f4;
  return bad;
}

constexpr State within(std::uint8_t byte, std::uint8_t low, std::uint8_t high, State next) {
  return byte >= low && byte <= high ? next : bad;
}

constexpr State step(State state, std::uint8_t byte) {
  switch (state) {
    case start: return first_byte(byte);
    case bad: return bad;
    case one_more: return within(byte, 0x80, 0xBF, start);
    case two_more: return within(byte, 0x80, 0xBF, one_more);
    case three_more: return within(byte, 0x80, 0xBF, two_more);
    case after_e0: return within(byte, 0xA0, 0xBF, one_more);
    case after_ed: return within(byte, 0x80, 0x9F, one_more);
    case after_f0: return within(byte, 0x90, 0xBF, two_more);
    case after_f4: return within(byte, 0x80, 0x8F, two_more);
  }
  return bad;
}

// How many bytes from the front are ASCII, counted eight at a time.
std::size_t ascii_prefix(const char* bytes, std::size_t size) {
  constexpr std::uint64_t high_bits = 0x8080808080808080ULL;
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + at, sizeof word);
    if ((word & high_bits) != 0) break;
  }
  return at;
}

}  // namespace

std::uint8_t Utf8Scanner::scan(std::uint8_t state, std::string_view bytes) {
  auto now = static_cast<State>(state);
  for (std::size_t at = 0; at < bytes.size();) {
    if (now == start) at += ascii_prefix(bytes.data() + at, bytes.size() - at);
    // At least eight bytes one by one before the next try, so that text without ASCII is not tried at each byte.
    for (const std::size_t end = std::min(bytes.size(), at + 8); at < end; ++at) {
      now = step(now, static_cast<std::uint8_t>(bytes[at]));
    }
    if (now == bad) return bad;
  }
  return now;
}

}  // namespace mcp::gateway
