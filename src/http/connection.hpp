// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "http/message.hpp"
#include "http/request_gate.hpp"

namespace mcp::http {

// One HTTP/1.1 connection without its socket: bytes in, requests out, one after the other. The request gate judges the
// raw head first, Boost.Beast's parser (in connection.cpp only) reads it second, and what the two do not agree on is
// refused. After a refusal nothing more comes out.
class Connection {
 public:
  enum class State : std::uint8_t {
    head,      // more of the head is needed
    body,      // more of the body is needed
    complete,  // take() has a request
    ended,     // the last request asked for the end: nothing more is read
    refused,   // refusal() says why; answer it and close
  };

  explicit Connection(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  // Appends bytes; what lies behind a complete request is kept for the next. Feed no more than a few KiB at a time:
  // what is kept is not bounded otherwise.
  State feed(std::string_view bytes);
  // The head or body did not come in time.
  void time_out();
  State state() const { return state_; }

  // Has a byte of the request that is awaited arrived?
  bool has_begun() const { return state_ != State::head || !input_.empty(); }
  // True once, for a request that waits for "100 Continue" before it sends its body.
  bool take_continue();

  // The request without its origin. keep_alive is false when the connection must end after the answer.
  //   before  state() == complete; afterwards it is head or, without keep_alive, ended
  Request take();
  // The bytes behind the request just taken.
  std::string take_rest();

  const Error& refusal() const { return refusal_; }
  // What could be read of a refused request: method, headers and, if that was good, its path; else "/".
  Request take_refused();

 private:
  void advance();
  void read_head();
  void refuse(Error error);
  void read_leniently(std::string_view head);

  std::size_t body_bytes_max_;
  State state_ = State::head;
  bool wants_continue_ = false;
  bool may_skip_line_ = true;  // one empty line before a request line (RFC 9112 section 2.2)
  HeadScanner scanner_;
  WipedText input_;
  Request request_;
  std::size_t body_bytes_ = 0;
  Error refusal_;
};

}  // namespace mcp::http
