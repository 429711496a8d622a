// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// The HTTP gate and parser over arbitrary bytes: they never crash, what comes out keeps the promises that handlers
// build on, and how the bytes were cut into pieces changes nothing. The first byte of the input chooses the cuts.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/limits.hpp"
#include "core/utf8.hpp"
#include "http/connection.hpp"

namespace {

using mcp::ErrorCode;
using mcp::http::Connection;
using mcp::http::Request;
using State = Connection::State;

constexpr std::size_t body_bytes_max = 1000;

void require(bool claim) {
  if (!claim) std::abort();
}

bool has_control(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

void check(const Request& request) {
  require(request.path.starts_with('/') && mcp::utf8::is_valid(request.path) && !has_control(request.path));
  require((request.path + "/").find("/../") == std::string::npos &&
          (request.path + "/").find("/./") == std::string::npos);
  require(request.path.find('\\') == std::string::npos);
  require(request.path.size() <= mcp::limits::uri_bytes_max && request.body.size() <= body_bytes_max);
  require(request.headers.size() <= mcp::limits::header_lines_max);
  int hosts = 0;
  for (const auto& [name, value] : request.headers) {
    require(!name.empty() && name != "transfer-encoding");
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    hosts += name == "host" ? 1 : 0;
  }
  require(hosts == 1);
  for (std::size_t i = 0; i < request.query.size(); ++i) {
    require(mcp::utf8::is_valid(request.query[i].first) && mcp::utf8::is_valid(request.query[i].second));
    for (std::size_t j = 0; j < i; ++j) require(request.query[i].first != request.query[j].first);
  }
}

struct Outcome {
  std::vector<std::string> requests;
  State state = State::head;
  ErrorCode refusal = ErrorCode::internal;
};

void take_all(Connection& connection, Outcome& outcome) {
  while (connection.state() == State::complete) {
    const Request request = connection.take();
    check(request);
    std::string text = std::string(name(request.method)) + request.path + "\n" + std::string(request.body);
    for (const auto& [name, value] : request.headers) text.append("\n").append(name).append("=").append(value);
    outcome.requests.push_back(std::move(text));
    connection.feed({});
  }
}

Outcome read(std::string_view bytes, std::size_t piece) {
  Connection connection(body_bytes_max);
  Outcome outcome;
  for (std::size_t i = 0; i < bytes.size(); i += piece) {
    connection.feed(bytes.substr(i, piece));
    take_all(connection, outcome);
  }
  outcome.state = connection.state();
  if (outcome.state == State::refused) {
    outcome.refusal = connection.refusal().code;
    connection.take_refused();
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read(bytes, bytes.size() + 1);
  const Outcome cut = read(bytes, data[0] % 64 + 1U);
  // A POST without length is answered and ends the connection, unless its body came along and shows that a length was
  // due.
  if (whole.refusal == ErrorCode::length_required && cut.state == State::ended) return 0;
  if (cut.refusal == ErrorCode::length_required && whole.state == State::ended) return 0;
  require(whole.state == cut.state && whole.refusal == cut.refusal && whole.requests == cut.requests);
  return 0;
}
