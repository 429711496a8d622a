// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/paging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "core/limits.hpp"
#include "core/utf8.hpp"

namespace mcp::http {
namespace {

constexpr char separator = '\x1f';  // in no value: text parameters hold no control character
constexpr std::size_t cursor_bytes_max = 2048;

// FNV-1a, 64 bits: tells lists apart, protects nothing.
std::uint64_t fingerprint(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(c));
  return text;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0 || text.size() > cursor_bytes_max) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

// What a cursor of ours can hold; a made-up one must not carry bytes that the database refuses.
bool is_plain_text(std::string_view bytes) {
  return utf8::is_valid(bytes) &&
         std::ranges::none_of(bytes, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != separator; });
}

// RFC 3986: everything but the unreserved characters is percent-encoded.
std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool is_unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                               c == '.' || c == '_' || c == '~';
    if (is_unreserved) {
      encoded += c;
    } else {
      fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string url_with_cursor(const Request& request, std::string_view parameter, std::string_view cursor) {
  std::string url;
  for (std::size_t at = 0; at < request.path.size();) {  // segment by segment: '/' stays
    const auto end = std::min(request.path.find('/', at), request.path.size());
    url += percent_encoded(std::string_view(request.path).substr(at, end - at));
    if (end < request.path.size()) url += '/';
    at = end + 1;
  }
  char before = '?';
  for (const auto& [name, value] : request.query) {
    if (name == "after" || name == "before" || name == "afterSeq" || name == "beforeSeq") continue;
    url += before + percent_encoded(name) + '=' + percent_encoded(value);
    before = '&';
  }
  return url += before + std::string(parameter) + '=' + std::string(cursor);
}

}  // namespace

std::string encode_cursor(std::string_view bound_to, const PlaceInList& place) {
  std::string bytes = fmt::format("{:016x}", fingerprint(bound_to));
  for (const auto& value : place) bytes += separator + value;
  return to_hex(bytes);
}

std::optional<PlaceInList> decode_cursor(std::string_view cursor, std::string_view bound_to, std::size_t values) {
  const auto bytes = from_hex(cursor);
  if (!bytes || !is_plain_text(*bytes)) return std::nullopt;
  PlaceInList parts;
  for (std::size_t at = 0; at <= bytes->size();) {
    const auto end = std::min(bytes->find(separator, at), bytes->size());
    parts.push_back(bytes->substr(at, end - at));
    at = end + 1;
  }
  if (parts.size() != values + 1 || parts.front() != fmt::format("{:016x}", fingerprint(bound_to))) return std::nullopt;
  parts.erase(parts.begin());
  return parts;
}

Result<PageRequest> read_page(QueryReader& query, std::string_view bound_to, std::size_t values) {
  PageRequest page;
  page.limit =
      static_cast<std::size_t>(query.integer("limit", 1, limits::page_size_max).value_or(limits::page_size_default));
  const auto after = query.text("after", cursor_bytes_max);
  const auto before = query.text("before", cursor_bytes_max);
  if (after && before) return fail(ErrorCode::bad_request, "Give at most one of after and before");
  if (after) page.after = decode_cursor(*after, bound_to, values);
  if (before) page.before = decode_cursor(*before, bound_to, values);
  if ((after && !page.after) || (before && !page.before)) {
    return fail(ErrorCode::bad_request, "The cursor does not belong to this list");
  }
  return page;
}

std::string link_header(const Request& request, const PageLinks& links) {
  std::string header;
  if (links.next) header += '<' + url_with_cursor(request, "after", *links.next) + R"(>; rel="next")";
  if (links.prev) {
    if (!header.empty()) header += ", ";
    header += '<' + url_with_cursor(request, "before", *links.prev) + R"(>; rel="prev")";
  }
  return header;
}

}  // namespace mcp::http
