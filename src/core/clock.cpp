// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/clock.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace mcp {
namespace {

// Reads exactly `digits` decimal digits at `at` and moves past them.
std::optional<int> read_number(std::string_view text, std::size_t& at, std::size_t digits) {
  if (at + digits > text.size()) {
    return std::nullopt;
  }
  int value = 0;
  for (std::size_t end = at + digits; at < end; ++at) {
    if (text[at] < '0' || text[at] > '9') {
      return std::nullopt;
    }
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

bool skip(std::string_view text, std::size_t& at, char expected) {
  if (at >= text.size() || text[at] != expected) {
    return false;
  }
  ++at;
  return true;
}

// The fraction of a second in milliseconds; 0 when there is none, nothing when it is malformed.
std::optional<int> read_fraction(std::string_view text, std::size_t& at) {
  if (at >= text.size() || text[at] != '.') {
    return 0;
  }
  ++at;
  int milliseconds = 0;
  std::size_t digits = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
    if (digits < 3) {
      milliseconds = milliseconds * 10 + (text[at] - '0');
    }
  }
  if (digits == 0 || digits > 9) {
    return std::nullopt;
  }
  for (; digits < 3; ++digits) {
    milliseconds *= 10;
  }
  return milliseconds;
}

std::optional<std::chrono::minutes> read_zone(std::string_view text, std::size_t& at) {
  if (skip(text, at, 'Z')) {
    return std::chrono::minutes{0};
  }
  if (at >= text.size() || (text[at] != '+' && text[at] != '-')) {
    return std::nullopt;
  }
  const int sign = text[at++] == '-' ? -1 : 1;
  const auto hours = read_number(text, at, 2);
  if (!hours || !skip(text, at, ':')) {
    return std::nullopt;
  }
  const auto minutes = read_number(text, at, 2);
  if (!minutes || *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  return std::chrono::minutes{sign * (*hours * 60 + *minutes)};
}

}  // namespace

Timestamp system_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string to_iso8601(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::optional<Timestamp> parse_iso8601(std::string_view text) {
  std::size_t at = 0;
  const auto year = read_number(text, at, 4);
  if (!year || !skip(text, at, '-')) return std::nullopt;
  const auto month = read_number(text, at, 2);
  if (!month || !skip(text, at, '-')) return std::nullopt;
  const auto day = read_number(text, at, 2);
  if (!day || !skip(text, at, 'T')) return std::nullopt;
  const auto hour = read_number(text, at, 2);
  if (!hour || !skip(text, at, ':')) return std::nullopt;
  const auto minute = read_number(text, at, 2);
  if (!minute || !skip(text, at, ':')) return std::nullopt;
  const auto second = read_number(text, at, 2);
  const auto fraction = second ? read_fraction(text, at) : std::nullopt;
  const auto zone = fraction ? read_zone(text, at) : std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!zone || at != text.size() || !date.ok() || *hour > 23 || *minute > 59 || *second > 59) {
    return std::nullopt;
  }
  return Timestamp{std::chrono::sys_days{date}} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second} + std::chrono::milliseconds{*fraction} - *zone;
}

}  // namespace mcp
