// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/request_gate.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <optional>
#include <string>

#include "core/limits.hpp"

namespace mcp::http {
namespace {

constexpr std::size_t method_bytes_max = 32;
constexpr std::size_t version_bytes = 8;  // "HTTP/1.1"
constexpr std::size_t request_line_bytes_max = method_bytes_max + 1 + limits::uri_bytes_max + 1 + version_bytes;
constexpr std::size_t host_bytes_max = 255;  // a domain name (RFC 1035 section 3.1)

std::unexpected<Error> refuse(std::string message) { return fail(ErrorCode::bad_request, std::move(message)); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// RFC 9110 section 5.6.2
bool is_token_char(char c) {
  return is_digit(c) || is_letter(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_token_char); }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Fields that decide something and may stand once only: two of them mean something else to every reader.
constexpr std::array<std::string_view, 19> single_fields{"host",
                                                         "content-length",
                                                         "content-type",
                                                         "content-encoding",
                                                         "authorization",
                                                         "cookie",
                                                         "csrf-token",
                                                         "origin",
                                                         "user-agent",
                                                         "x-request-id",
                                                         "expect",
                                                         "sec-websocket-key",
                                                         "sec-websocket-version",
                                                         "referer",
                                                         "x-forwarded-proto",
                                                         "if-none-match",
                                                         "x-background",
                                                         "access-control-request-method",
                                                         "sec-fetch-site"};

// host [":" port] of RFC 3986: a name, an IPv4 address or a bracketed IPv6 address; no user, no path.
bool is_host(std::string_view text) {
  if (text.empty() || text.size() > host_bytes_max) return false;
  std::size_t end = 0;
  if (text.front() == '[') {
    end = text.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    const auto inside = text.substr(1, end - 1);
    const auto is_address_char = [](char c) {
      return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f') || c == ':' || c == '.';
    };
    if (!std::ranges::all_of(inside, is_address_char)) return false;
    ++end;
  } else {
    const auto is_name_char = [](char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == '_'; };
    while (end < text.size() && is_name_char(text[end])) ++end;
    if (end == 0) return false;
  }
  if (end == text.size()) return true;
  const std::string_view port = text.substr(end + 1);
  return text[end] == ':' && !port.empty() && port.size() <= 5 && std::ranges::all_of(port, is_digit);
}

// The bytes that no line may hold, in those a line has gained since the last look. HTAB is for field values.
Result<> check_characters(std::string_view bytes, bool is_field) {
  for (const char c : bytes) {
    if (is_control(c) && !(is_field && c == '\t'))
      return refuse("control characters are not allowed in a request head");
  }
  return {};
}

Result<> check_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos) return refuse("the request line has no target");
  const std::string_view method = line.substr(0, first);
  if (!is_token(method) || method.size() > method_bytes_max) return refuse("the method is malformed");
  if (first == last) return refuse("the request line names no version");
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (target.size() > limits::uri_bytes_max) return fail(ErrorCode::uri_too_long, "the URI is longer than 8 KiB");
  if (target.empty() || target.find(' ') != std::string_view::npos) return refuse("the request line is malformed");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse("only HTTP/1.1 and HTTP/1.0 are spoken here");
  if (method == "TRACE" || method == "CONNECT")
    return fail(ErrorCode::not_implemented, "this method is not implemented");
  return {};
}

Result<> check_field_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return refuse("a header line has no colon");
  if (!is_token(line.substr(0, colon))) return refuse("a header name is malformed");  // also: a space before the colon
  return {};
}

// Digits only, no sign, no list; nothing for other text. What does not fit is larger than any limit.
std::optional<std::uint64_t> parse_length(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (value > (UINT64_MAX - 9) / 10) return UINT64_MAX;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

// What the fields say, collected before any of it is judged.
struct Fields {
  std::bitset<single_fields.size()> seen;
  bool is_doubled = false;
  bool has_transfer_encoding = false;
  bool has_chunked = false;
  bool asks_close = false;
  std::optional<std::string_view> host;
  std::optional<std::string_view> content_length;
  std::optional<std::string_view> expect;
  bool has_content_type = false;
  std::size_t count = 0;
};

void note_field(Fields& fields, std::string_view name, std::string_view value) {
  ++fields.count;
  for (std::size_t i = 0; i < single_fields.size(); ++i) {
    if (!equals_ignoring_case(name, single_fields[i])) continue;
    if (fields.seen.test(i)) fields.is_doubled = true;
    fields.seen.set(i);
  }
  if (equals_ignoring_case(name, "host")) fields.host = value;
  if (equals_ignoring_case(name, "content-length")) fields.content_length = value;
  if (equals_ignoring_case(name, "expect")) fields.expect = value;
  if (equals_ignoring_case(name, "content-type")) fields.has_content_type = true;
  if (equals_ignoring_case(name, "connection") && list_has_token(value, "close")) fields.asks_close = true;
  if (equals_ignoring_case(name, "transfer-encoding")) {
    fields.has_transfer_encoding = true;
    if (list_has_token(value, "chunked")) fields.has_chunked = true;
  }
}

Result<> check_length(const Fields& fields, Head& head, std::size_t body_bytes_max) {
  const bool has_no_body = head.method == Method::get || head.method == Method::head || head.method == Method::options;
  if (!fields.content_length) {
    if (has_no_body) return {};
    if (fields.has_content_type) return fail(ErrorCode::length_required, "a body needs a Content-Length");
    // Whether a body follows cannot be known: there is none, and nothing behind the head is read as a request.
    head.keep_alive = false;
    return {};
  }
  const auto length = parse_length(*fields.content_length);
  if (!length) return refuse("Content-Length is malformed");
  if (*length > 0 && has_no_body) return refuse("this method takes no body");
  if (*length > body_bytes_max) return fail(ErrorCode::payload_too_large, "the body is larger than the server takes");
  head.has_content_length = true;
  head.content_length = *length;
  return {};
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool list_has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view element = list.substr(0, comma);
    element.remove_prefix(std::min(element.find_first_not_of(" \t"), element.size()));
    element = element.substr(0, element.find_last_not_of(" \t") + 1);
    if (equals_ignoring_case(element, token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

Result<bool> HeadScanner::scan(std::string_view input) {
  while (scanned_ < input.size()) {
    const std::size_t stop = input.find_first_of("\r\n", scanned_);
    const bool is_field = header_begin_ != 0;
    const std::string_view gained = input.substr(scanned_, std::min(stop, input.size()) - scanned_);
    if (auto good = check_characters(gained, is_field); !good) return std::unexpected(good.error());
    scanned_ += gained.size();
    const std::string_view line = input.substr(line_begin_, scanned_ - line_begin_);
    if (auto good = check_open_line(line); !good) return std::unexpected(good.error());
    if (stop == std::string_view::npos) return false;
    if (input[stop] == '\n') return refuse("a line ends without CR");
    if (stop + 1 == input.size()) return false;  // the LF is still to come
    if (input[stop + 1] != '\n') return refuse("a line holds a lone CR");
    scanned_ = stop + 2;
    line_begin_ = scanned_;
    const auto ended = end_line(line);
    if (!ended || *ended) return ended;
  }
  return false;
}

// What can be said about a line before its end: its length, and that it is no continuation of the one before
// (obs-fold).
Result<> HeadScanner::check_open_line(std::string_view line) const {
  if (header_begin_ == 0) {
    if (line.size() > method_bytes_max && line.substr(0, method_bytes_max + 1).find(' ') == std::string_view::npos) {
      return refuse("the method is malformed");
    }
    if (line.size() > request_line_bytes_max) return fail(ErrorCode::uri_too_long, "the URI is longer than 8 KiB");
    return {};
  }
  if (!line.empty() && (line.front() == ' ' || line.front() == '\t'))
    return refuse("a header line begins with a space");
  if (line_begin_ + line.size() - header_begin_ > limits::header_bytes_max) {
    return fail(ErrorCode::headers_too_large, "the headers are larger than 16 KiB");
  }
  return {};
}

// `line` is complete; line_begin_ already stands behind it. True when it was the blank line that ends the head.
Result<bool> HeadScanner::end_line(std::string_view line) {
  if (header_begin_ == 0) {
    header_begin_ = line_begin_;
    if (auto good = check_request_line(line); !good) return std::unexpected(good.error());
    return false;
  }
  if (line.empty()) return true;
  if (++field_lines_ > limits::header_lines_max) {
    return fail(ErrorCode::headers_too_large, "there are more than 100 header lines");
  }
  if (auto good = check_field_line(line); !good) return std::unexpected(good.error());
  return false;
}

Result<Head> check_head(std::string_view head, std::size_t body_bytes_max) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  Head result;
  result.method_name = line.substr(0, line.find(' '));
  result.target = line.substr(result.method_name.size() + 1, line.rfind(' ') - result.method_name.size() - 1);
  result.method = parse_method(result.method_name);
  result.minor_version = line.back() - '0';
  Fields fields;
  for_each_field(head, [&](std::string_view name, std::string_view value) { note_field(fields, name, value); });
  result.field_count = fields.count;
  if (fields.has_transfer_encoding) {
    return fields.has_chunked ? fail(ErrorCode::length_required, "chunked bodies are refused: send a Content-Length")
                              : fail(ErrorCode::not_implemented, "no transfer coding is implemented");
  }
  if (fields.is_doubled) return refuse("a header that may stand once is repeated");
  if (!fields.host) return refuse("the Host header is missing");
  if (!is_host(*fields.host)) return refuse("the Host header is malformed");
  result.host = *fields.host;
  result.keep_alive = result.minor_version == 1 && !fields.asks_close;
  if (fields.expect && !equals_ignoring_case(*fields.expect, "100-continue")) {
    return fail(ErrorCode::expectation_failed, "only 100-continue can be expected");
  }
  result.expects_continue = fields.expect.has_value() && result.minor_version == 1;  // RFC 9110 section 10.1.1
  if (auto good = check_length(fields, result, body_bytes_max); !good) return std::unexpected(good.error());
  return result;
}

}  // namespace mcp::http
