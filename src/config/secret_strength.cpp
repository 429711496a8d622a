// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/secret_strength.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cctype>
#include <vector>

namespace mcp::config {
namespace {

constexpr std::size_t different_bytes_min = 10;

// Values that documents and samples print, and how they begin where the samples vary; '_' and '-' count as one.
constexpr std::array<std::string_view, 7> sample_beginnings{"admin123",  "your-secret", "your-secure", "changeme",
                                                            "change-me", "password",    "secret"};

std::string comparable(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return c == '_' ? '-' : static_cast<char>(std::tolower(c)); });
  return result;
}

std::size_t different_bytes(std::string_view bytes) {
  std::bitset<256> seen;
  for (const char c : bytes) seen.set(static_cast<unsigned char>(c));
  return seen.count();
}

// Is it one piece written over and over, the last one perhaps cut? By the failure function of Knuth, Morris and Pratt.
bool repeats_one_pattern(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  std::vector<std::size_t> border(bytes.size(), 0);
  for (std::size_t i = 1, length = 0; i < bytes.size(); ++i) {
    while (length > 0 && bytes[i] != bytes[length]) length = border[length - 1];
    if (bytes[i] == bytes[length]) ++length;
    border[i] = length;
  }
  return 2 * (bytes.size() - border.back()) <= bytes.size();
}

}  // namespace

std::optional<std::string> weakness(std::string_view text, std::string_view bytes) {
  const auto compared = comparable(text);
  if (std::ranges::any_of(sample_beginnings, [&](std::string_view sample) { return compared.starts_with(sample); })) {
    return "is a value known from documents and samples";
  }
  if (repeats_one_pattern(bytes)) return "repeats one pattern";
  if (different_bytes(bytes) < different_bytes_min) return "has fewer than 10 different bytes";
  return std::nullopt;
}

}  // namespace mcp::config
