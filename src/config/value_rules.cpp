// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "config/network_range.hpp"
#include "config/value_text.hpp"
#include "config/variables.hpp"
#include "core/secret.hpp"
#include "core/utf8.hpp"

namespace mcp::config {
namespace {

using Finding = std::optional<std::string>;
constexpr std::size_t text_bytes_max = 255;
constexpr std::size_t path_bytes_max = 4095;

Finding unless(bool is_good, std::string message) { return is_good ? Finding() : Finding(std::move(message)); }

bool is_plain_text(std::string_view text) {
  return utf8::is_valid(text) &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::string range_text(const Variable& variable) {
  const auto unit = variable.unit.empty() ? std::string() : " " + std::string(variable.unit);
  return fmt::format("from {} to {}{}", variable.min, variable.max, unit);
}

Finding check_number(const Variable& variable, std::string_view value) {
  const auto number = parse_integer(value);
  const bool is_zero = number == 0 && variable.kind == Kind::zero_or_integer;
  const bool is_inside = number && *number >= variable.min && *number <= variable.max;
  const std::string_view or_zero = variable.kind == Kind::zero_or_integer ? "0 or " : "";
  return unless(is_zero || is_inside, fmt::format("must be a whole number, {}{}", or_zero, range_text(variable)));
}

Finding check_duration(const Variable& variable, std::string_view value) {
  const auto duration = parse_duration(value);
  const bool is_inside = duration && duration->count() >= variable.min && duration->count() <= variable.max;
  return unless(is_inside, fmt::format("must be seconds or <n>s, <n>m, <n>h, <n>d, from {} s to {} s", variable.min,
                                       variable.max));
}

Finding check_word(const Variable& variable, std::string_view value) {
  const auto words = split_list(variable.words);
  return unless(std::ranges::find(words, value) != words.end(),
                fmt::format("must be one of {}", fmt::join(words, ", ")));
}

bool is_origin(std::string_view text) {
  const auto url = parse_url(text);
  const bool is_lower = std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
  return url && url->rest.empty() && is_lower;  // browsers send origins in lower case and without a path
}

bool is_email(std::string_view text) {
  const auto at = text.find('@');
  return text.size() <= text_bytes_max && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos && is_plain_text(text) &&
         text.find_first_of(" <>,;\"") == std::string_view::npos;
}

bool is_webhook(std::string_view text) {
  const auto url = parse_url(text);
  return url && (url->scheme == "https" || is_loopback(url->host));
}

bool is_syslog_address(std::string_view text) {
  if (text.starts_with("tls://")) text.remove_prefix(6);
  if (text.starts_with('/')) return is_plain_text(text) && text.size() < 108;  // sun_path
  const auto url = parse_url("https://" + std::string(text));
  return url && url->rest.empty() && text.rfind(':') != std::string_view::npos && !text.ends_with(']');
}

bool is_username(std::string_view text) {
  return text.size() >= 3 && text.size() <= 50 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

bool is_host(std::string_view text) {
  return text.size() <= text_bytes_max && is_plain_text(text) &&
         text.find_first_of(" ,@?#") == std::string_view::npos && (text.starts_with('/') || !text.contains('/'));
}

Finding check_list(const Variable& variable, std::string_view value) {
  const auto items = split_list(value);
  switch (variable.kind) {
    case Kind::networks:
      return unless(NetworkRanges::parse(value).has_value(),
                    "must be a comma list of networks such as 10.0.0.0/8,2001:db8::/32");
    case Kind::origins:
      if (std::ranges::find(items, "*") != items.end()) return "must name each origin; * is refused";
      return unless(std::ranges::all_of(items, is_origin),
                    "must be a comma list of origins such as https://chat.example.org");
    default: {
      const bool is_single = variable.name == "INITIAL_ADMIN_EMAIL" || variable.name == "SMTP_FROM";
      return unless(std::ranges::all_of(items, is_email) && !(is_single && items.size() > 1),
                    is_single ? "must be one e-mail address" : "must be a comma list of e-mail addresses");
    }
  }
}

Finding check_secret(const Variable& variable, std::string_view value) {
  if (value.find('\0') != std::string_view::npos) return "must not contain a NUL byte";
  switch (variable.kind) {
    case Kind::root_key: {
      auto key = decode_root_key(value);
      const bool is_good = key.has_value();
      if (key) Secret wiped(std::move(*key));
      return unless(is_good, "must be standard base64 of exactly 32 bytes, as `openssl rand -base64 32` prints");
    }
    case Kind::smtp_url:
      return unless((value.starts_with("smtp://") || value.starts_with("smtps://")) && is_plain_text(value) &&
                        value.find(' ') == std::string_view::npos,
                    "must be a URL that begins with smtp:// or smtps://");
    default:
      return unless(value.size() >= static_cast<std::size_t>(variable.min),
                    fmt::format("must have at least {} bytes", variable.min));
  }
}

}  // namespace

Finding check_value(const Variable& variable, std::string_view value) {
  if (value.empty() && variable.may_be_empty()) return std::nullopt;
  if (variable.is_secret()) return check_secret(variable, value);
  if (value.empty()) return "must not be empty";
  if (!is_plain_text(value)) return "must be UTF-8 text without control characters";
  switch (variable.kind) {
    case Kind::boolean: return unless(value == "true" || value == "false", "must be true or false");
    case Kind::integer:
    case Kind::zero_or_integer: return check_number(variable, value);
    case Kind::duration: return check_duration(variable, value);
    case Kind::word: return check_word(variable, value);
    case Kind::text: return unless(value.size() <= text_bytes_max, "must have at most 255 bytes");
    case Kind::path: return unless(value.size() <= path_bytes_max, "must have at most 4095 bytes");
    case Kind::host: return unless(is_host(value), "must be a host name, an address or the directory of a Unix socket");
    case Kind::networks:
    case Kind::origins:
    case Kind::emails: return check_list(variable, value);
    case Kind::origin:
      return unless(is_origin(value), "must be an origin such as https://chat.example.org, without a path");
    case Kind::webhook: return unless(is_webhook(value), "must be an https:// URL (http:// only to loopback)");
    case Kind::username: return unless(is_username(value), "must be 3 to 50 letters, digits, _ or -");
    case Kind::syslog:
      return unless(is_syslog_address(value),
                    "must be host:port or the path of a socket, with tls:// in front for TLS");
    case Kind::time_of_day: return unless(parse_time_of_day(value).has_value(), "must be a time of day as HH:MM (UTC)");
    case Kind::secret:
    case Kind::root_key:
    case Kind::smtp_url:
    case Kind::pin: break;
  }
  return std::nullopt;
}

}  // namespace mcp::config
