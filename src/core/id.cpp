// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/id.hpp"

#include <pthread.h>
#include <sys/random.h>

#include "core/check.hpp"

namespace mcp {
namespace {

// The kernel's generator, a buffer at a time: a UUID would otherwise cost a system call.
class RandomBytes {
 public:
  void take(std::uint8_t* into, std::size_t size) {
    if (at_ + size > buffer_.size()) {
      CHECK(getrandom(buffer_.data(), buffer_.size(), 0) == static_cast<ssize_t>(buffer_.size()));
      at_ = 0;
    }
    std::memcpy(into, buffer_.data() + at_, size);
    at_ += size;
  }
  void discard() { at_ = buffer_.size(); }

 private:
  std::array<std::uint8_t, 256> buffer_{};  // getrandom never returns short up to 256 bytes
  std::size_t at_ = buffer_.size();
};

thread_local RandomBytes random_bytes;

// A child of fork() would otherwise make the same ids as its parent. Only the forking thread lives on in it.
[[maybe_unused]] const int at_fork = pthread_atfork(nullptr, nullptr, [] { random_bytes.discard(); });

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Uuid with_version(std::array<std::uint8_t, 16> bytes, std::uint8_t version) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | (version << 4));
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  return Uuid(bytes);
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) {
    return std::nullopt;
  }
  std::array<std::uint8_t, 16> bytes{};
  std::size_t at = 0;
  for (auto& byte : bytes) {
    if (at == 8 || at == 13 || at == 18 || at == 23) {
      if (text[at++] != '-') return std::nullopt;
    }
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    byte = static_cast<std::uint8_t>(high * 16 + low);
    at += 2;
  }
  return Uuid(bytes);
}

Uuid Uuid::v4() {
  std::array<std::uint8_t, 16> bytes{};
  random_bytes.take(bytes.data(), bytes.size());
  return with_version(bytes, 4);
}

Uuid Uuid::v7() {
  // RFC 9562 section 6.2, method 1: a 12-bit counter in rand_a, started low at each new millisecond. A millisecond that
  // runs out of numbers borrows from the next.
  thread_local std::uint64_t last_millisecond = 0;
  thread_local std::uint16_t counter = 0;

  std::array<std::uint8_t, 16> bytes{};
  random_bytes.take(bytes.data() + 6, 10);
  const auto now = static_cast<std::uint64_t>(system_now().time_since_epoch().count());
  if (now > last_millisecond) {
    last_millisecond = now;
    counter = static_cast<std::uint16_t>(((bytes[6] << 8) | bytes[7]) & 0x07FF);
  } else if (++counter > 0x0FFF) {
    ++last_millisecond;
    counter = 0;
  }
  for (std::size_t i = 0; i < 6; ++i) {
    bytes[i] = static_cast<std::uint8_t>(last_millisecond >> (40 - 8 * i));
  }
  bytes[6] = static_cast<std::uint8_t>(counter >> 8);
  bytes[7] = static_cast<std::uint8_t>(counter & 0xFF);
  return with_version(bytes, 7);
}

std::string Uuid::text() const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t at = 0;
  for (const auto byte : bytes_) {
    if (at == 8 || at == 13 || at == 18 || at == 23) ++at;
    text[at++] = digits[byte >> 4];
    text[at++] = digits[byte & 0x0F];
  }
  return text;
}

}  // namespace mcp
