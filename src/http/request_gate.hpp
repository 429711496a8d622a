// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/result.hpp"
#include "http/message.hpp"

// The strictness that Boost.Beast 1.81 lacks, over the raw bytes of a request's head and without any I/O. What it
// refuses was measured to be ambiguous between HTTP implementations: each refusal ends the connection, so that nothing
// behind it can be taken for a request. Chunked bodies, and with them trailers and chunk extensions, do not exist here.
namespace mcp::http {

// Watches a head arrive and refuses it at the first byte that cannot be part of a good one.
class HeadScanner {
 public:
  // `input` is everything received since the head began, longer at each call; only what is new is looked at.
  //   returns true when the head is complete (size() bytes, the blank line included), false when more is needed
  //   fails   bad_request: no CRLF, control characters, obs-fold, malformed line, other version than 1.0 and 1.1
  //           uri_too_long, headers_too_large (contract-rest 1.4), not_implemented: TRACE, CONNECT
  Result<bool> scan(std::string_view input);
  std::size_t size() const { return line_begin_; }

 private:
  Result<bool> end_line(std::string_view line);
  Result<> check_open_line(std::string_view line) const;

  std::size_t scanned_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t header_begin_ = 0;  // 0 until the request line is complete
  std::size_t field_lines_ = 0;
};

// What a complete head says about the message around it. Views into the head.
struct Head {
  std::string_view method_name;
  std::string_view target;
  std::string_view host;
  Method method = Method::get;
  int minor_version = 1;
  std::size_t field_count = 0;
  std::uint64_t content_length = 0;
  bool has_content_length = false;
  bool keep_alive = true;  // false after HTTP/1.0 and after a POST or PUT that names no length
  bool expects_continue = false;
};

// Checks the fields of a head that HeadScanner found complete.
//   fails   length_required (Transfer-Encoding: chunked; a body without length), not_implemented (other codings),
//           bad_request (Host, Content-Length or another deciding field missing, doubled or malformed; a body with
//           GET, HEAD or OPTIONS), payload_too_large, expectation_failed
Result<Head> check_head(std::string_view head, std::size_t body_bytes_max);

// Calls `visit(name, value)` for each field line of a complete head; values are trimmed.
template <class Visit>
void for_each_field(std::string_view head, Visit visit) {
  std::size_t begin = head.find("\r\n") + 2;
  for (;;) {
    const std::size_t end = head.find("\r\n", begin);
    if (end == begin || end == std::string_view::npos) return;
    const std::string_view line = head.substr(begin, end - begin);
    const std::size_t colon = line.find(':');
    const std::size_t first = line.find_first_not_of(" \t", colon + 1);
    const std::size_t last = line.find_last_not_of(" \t");
    visit(line.substr(0, colon),
          first == std::string_view::npos ? std::string_view() : line.substr(first, last + 1 - first));
    begin = end + 2;
  }
}

// ASCII letters without regard to case.
bool equals_ignoring_case(std::string_view a, std::string_view b);
// Is `token` an element of the comma-separated list, without regard to case?
bool list_has_token(std::string_view list, std::string_view token);

}  // namespace mcp::http
