// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "gateway/handshake.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>

namespace mcp::gateway {
namespace {

using Sha1 = std::array<std::uint8_t, 20>;

void put_word(std::string& to, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) to.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i))));
}

// RFC 3174. The handshake asks for it as a checksum; nothing's security rests on it, so it is kept out of crypto/.
Sha1 sha1(std::string_view bytes) {
  std::string padded(bytes);
  padded.push_back('\x80');
  while (padded.size() % 64 != 56) padded.push_back('\0');
  put_word(padded, static_cast<std::uint64_t>(bytes.size()) * 8, 8);

  std::array<std::uint32_t, 5> h{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  for (std::size_t block = 0; block < padded.size(); block += 64) {
    std::array<std::uint32_t, 80> w{};
    for (std::size_t i = 0; i < 64; ++i) {
      w[i / 4] = (w[i / 4] << 8) | static_cast<std::uint8_t>(padded[block + i]);
    }
    for (std::size_t t = 16; t < 80; ++t) w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    auto [a, b, c, d, e] = h;
    for (std::size_t t = 0; t < 80; ++t) {
      const std::uint32_t f = t < 20   ? ((b & c) | (~b & d))
                              : t < 40 ? (b ^ c ^ d)
                              : t < 60 ? ((b & c) | (b & d) | (c & d))
                                       : (b ^ c ^ d);
      constexpr std::array<std::uint32_t, 4> k{0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
      const std::uint32_t next = std::rotl(a, 5) + f + e + w[t] + k[t / 20];
      e = d;
      d = c;
      c = std::rotl(b, 30);
      b = a;
      a = next;
    }
    const std::array<std::uint32_t, 5> sum{a, b, c, d, e};
    for (std::size_t i = 0; i < 5; ++i) h[i] += sum[i];
  }
  Sha1 digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<std::uint8_t>(h[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = (group << 8) | (j < have ? bytes[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j) text.push_back(j <= have ? alphabet[(group >> (18 - 6 * j)) & 0x3F] : '=');
  }
  return text;
}

}  // namespace

std::string accept_key(std::string_view websocket_key) {
  return base64(sha1(fmt::format("{}258EAFA5-E914-47DA-95CA-C5AB0DC85B11", websocket_key)));
}

std::string upgrade_accepted(std::string_view websocket_key, std::string_view more_headers) {
  return fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: {}\r\n{}\r\n",
      accept_key(websocket_key), more_headers);
}

}  // namespace mcp::gateway
