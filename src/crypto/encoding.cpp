// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "crypto/encoding.hpp"

#include <array>

namespace mcp::crypto {
namespace {

constexpr std::string_view standard_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t not_in_alphabet = 0xFF;
using Values = std::array<std::uint8_t, 256>;

constexpr Values values_of(std::string_view alphabet) {
  Values values{};
  values.fill(not_in_alphabet);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr Values standard_values = values_of(standard_alphabet);
constexpr Values url_values = values_of(url_alphabet);

std::string encode(std::span<const std::uint8_t> bytes, std::string_view alphabet, bool is_padded) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const auto byte : bytes) {
    bits = (bits << 8) | byte;
    bit_count += 8;
    while (bit_count >= 6) {
      bit_count -= 6;
      text.push_back(alphabet[(bits >> bit_count) & 0x3F]);
    }
  }
  if (bit_count > 0) text.push_back(alphabet[(bits << (6 - bit_count)) & 0x3F]);
  while (is_padded && text.size() % 4 != 0) text.push_back('=');
  return text;
}

// `text` without padding.
std::optional<Bytes> decode(std::string_view text, const Values& values) {
  if (text.size() % 4 == 1) return std::nullopt;
  Bytes bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char character : text) {
    const auto value = values[static_cast<unsigned char>(character)];
    if (value == not_in_alphabet) return std::nullopt;
    bits = (bits << 6) | value;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> bit_count));
    }
  }
  // Bits behind the last byte would give one value several spellings.
  if ((bits & ((1U << bit_count) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace

std::string to_hex(std::span<const std::uint8_t> bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 0x0F]);
  }
  return text;
}

std::string to_base64(std::span<const std::uint8_t> bytes) { return encode(bytes, standard_alphabet, true); }

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return decode(text, standard_values);
}

std::string to_base64url(std::span<const std::uint8_t> bytes) { return encode(bytes, url_alphabet, false); }

std::optional<Bytes> from_base64url(std::string_view text) { return decode(text, url_values); }

}  // namespace mcp::crypto
