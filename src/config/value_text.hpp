// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Reading the texts that variables hold.
namespace mcp::config {

std::optional<std::int64_t> parse_integer(std::string_view text);              // decimal, no sign but '-', no blanks
std::optional<std::chrono::seconds> parse_duration(std::string_view text);     // "90", "90s", "15m", "24h", "7d"
std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text);  // "HH:MM" since midnight
std::vector<std::string> split_list(std::string_view text);                    // at commas, blanks around items dropped

struct Url {
  std::string scheme;  // lower case
  std::string host;    // without brackets
  std::string rest;    // path and query; empty or from '/'
};
// http and https only, no user information, no fragment, no control character or blank.
std::optional<Url> parse_url(std::string_view text);

// 32 raw bytes of standard base64 with padding (RFC 4648 section 4), nothing otherwise. The result is key material: the
// caller wipes it or hands it to a Secret.
std::optional<std::string> decode_root_key(std::string_view text);

}  // namespace mcp::config
