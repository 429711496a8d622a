// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/connection.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/optional.hpp>
#include <limits>
#include <utility>

#include "core/check.hpp"
#include "core/limits.hpp"
#include "http/request_target.hpp"

namespace mcp::http {
namespace {

namespace beast_http = boost::beast::http;
using HeadParser = beast_http::request_parser<beast_http::empty_body>;

constexpr std::size_t body_reserve_max = 64 * 1024;  // more only as it arrives: a Content-Length alone claims nothing

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

// Does Beast read the same message as the gate? Only the head is given to it, so it never looks for a body.
bool parse_agreeing(std::string_view bytes, const Head& head, HeadParser& parser) {
  constexpr auto all = static_cast<std::uint32_t>(limits::uri_bytes_max + limits::header_bytes_max + 1024);
  parser.header_limit(all);
  parser.body_limit(boost::none);
  parser.eager(false);
  boost::beast::error_code error;
  const std::size_t used = parser.put(asio::const_buffer(bytes.data(), bytes.size()), error);
  if (error || used != bytes.size() || !parser.is_header_done() || parser.chunked()) return false;
  const auto& message = parser.get();
  const auto length = parser.content_length();
  const auto fields = static_cast<std::size_t>(std::distance(message.begin(), message.end()));
  return view(message.method_string()) == head.method_name && view(message.target()) == head.target &&
         message.version() == static_cast<unsigned>(10 + head.minor_version) && fields == head.field_count &&
         length.has_value() == head.has_content_length && (!length || *length == head.content_length);
}

}  // namespace

Connection::State Connection::feed(std::string_view bytes) {
  if (state_ == State::body) {
    const std::size_t wanted = std::min(body_bytes_ - request_.body.size(), bytes.size());
    request_.body.append(bytes.substr(0, wanted));
    bytes.remove_prefix(wanted);
  }
  if (state_ != State::refused && state_ != State::ended) input_.append(bytes);
  advance();
  return state_;
}

void Connection::advance() {
  if (state_ == State::head) read_head();
  if (state_ == State::body && request_.body.size() == body_bytes_) state_ = State::complete;
}

void Connection::read_head() {
  if (may_skip_line_ && input_.starts_with("\r\n")) {
    input_.erase(0, 2);
    may_skip_line_ = false;
  }
  if (may_skip_line_ && input_ == "\r") return;
  const auto is_complete = scanner_.scan(input_);
  if (!is_complete) return refuse(is_complete.error());
  if (!*is_complete) return;

  const std::string_view bytes = std::string_view(input_).substr(0, scanner_.size());
  const auto head = check_head(bytes, body_bytes_max_);
  auto target = head ? parse_target(head->target, head->host) : std::unexpected(head.error());
  HeadParser parser;
  if (target && !parse_agreeing(bytes, *head, parser))
    target = fail(ErrorCode::bad_request, "the request head is malformed");
  if (!target) {
    read_leniently(bytes);
    return refuse(target.error());
  }
  request_ = Request();
  request_.method = head->method;
  request_.keep_alive = head->keep_alive;
  request_.path = std::move(target->path);
  request_.query = std::move(target->query);
  request_.headers.reserve(head->field_count);
  for (const auto& field : parser.get()) {
    if (head->minor_version == 0 && field.name() == beast_http::field::upgrade) continue;  // RFC 9110 section 7.8
    request_.headers.emplace_back(lower_case(view(field.name_string())), view(field.value()));
  }
  body_bytes_ = static_cast<std::size_t>(head->content_length);
  const bool expects_continue = head->expects_continue;
  const bool has_length = head->has_content_length;
  const bool may_have_body =
      head->method != Method::get && head->method != Method::head && head->method != Method::options;
  input_.erase(0, scanner_.size());
  if (!has_length && may_have_body && !input_.empty()) {
    return refuse(Error{.code = ErrorCode::length_required, .message = "a body needs a Content-Length", .fields = {}});
  }
  request_.body.reserve(std::min(body_bytes_, body_reserve_max));
  const std::size_t there = std::min(body_bytes_, input_.size());
  request_.body.assign(input_, 0, there);
  input_.erase(0, there);
  wants_continue_ = expects_continue && request_.body.size() < body_bytes_;
  state_ = State::body;
}

void Connection::refuse(Error error) {
  refusal_ = std::move(error);
  state_ = State::refused;
  input_ = WipedText();
}

void Connection::time_out() {
  refuse(Error{.code = ErrorCode::request_timeout, .message = "the request did not arrive in time", .fields = {}});
}

// For the answer's sake only: its request id, CORS headers and content policy.
void Connection::read_leniently(std::string_view head) {
  request_ = Request();
  request_.path = "/";
  for_each_field(head, [this](std::string_view name, std::string_view value) {
    request_.headers.emplace_back(lower_case(name), value);
  });
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const std::size_t space = line.find(' ');
  request_.method = parse_method(line.substr(0, space));
  const auto target = parse_target(line.substr(space + 1, line.rfind(' ') - space - 1), {});
  if (target) request_.path = target->path;
}

bool Connection::take_continue() { return std::exchange(wants_continue_, false); }

Request Connection::take() {
  CHECK(state_ == State::complete);
  state_ = request_.keep_alive ? State::head : State::ended;
  scanner_ = HeadScanner();
  may_skip_line_ = true;
  if (input_.empty()) input_ = WipedText();  // an idle connection holds no buffer
  return std::exchange(request_, Request());
}

std::string Connection::take_rest() { return std::string(std::exchange(input_, WipedText())); }

Request Connection::take_refused() {
  CHECK(state_ == State::refused);
  if (request_.path.empty()) request_.path = "/";
  request_.keep_alive = false;
  return std::exchange(request_, Request());
}

}  // namespace mcp::http
