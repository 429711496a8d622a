// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects against request smuggling: what two HTTP implementations could read differently is refused, the connection
// ends, and the bytes behind it are never answered. The list holds what Boost.Beast 1.81 alone was measured to let
// through, and what RFC 9112 names.
#include "http/request_gate.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/connection.hpp"
#include "support/http_client.hpp"

namespace mcp::http {
namespace {

using test::Answer;
using test::RunningHttpServer;
using test::SocketClient;

const std::string host = "Host: example.org\r\n";
const std::string get = "GET /a HTTP/1.1\r\n" + host;
const std::string post = "POST /a HTTP/1.1\r\n" + host + "Content-Type: application/json\r\n";
const std::string end = "\r\n";
const std::string smuggled = "GET /smuggled HTTP/1.1\r\n" + host + end;

struct RefusalCase {
  const char* name;
  int status;
  std::string request;
};

std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "X-" + std::to_string(i) + ": 1\r\n";
  return text;
}

std::vector<RefusalCase> refusals() {
  using namespace std::string_literals;
  return {
      // transfer codings
      {"chunked", 411, post + "Transfer-Encoding: chunked\r\n" + end + "0\r\n\r\n"},
      {"chunked_upper_case", 411, post + "TRANSFER-ENCODING: CHUNKED\r\n" + end + "0\r\n\r\n"},
      {"chunked_and_length", 411, post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" + end + "0\r\n\r\n"},
      {"length_and_chunked_on_get", 411,
       get + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n" + end + "0\r\n\r\n"},
      {"chunked_with_trailer", 411,
       post + "Transfer-Encoding: chunked\r\nTrailer: Authorization\r\n" + end +
           "0\r\nAuthorization: Bearer x\r\n\r\n"},
      {"chunked_then_identity", 411, post + "Transfer-Encoding: chunked, identity\r\n" + end},
      {"chunked_twice", 411, post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" + end},
      {"identity", 501, post + "Transfer-Encoding: identity\r\n" + end + "{}"},
      {"xchunked", 501, post + "Transfer-Encoding: xchunked\r\n" + end + "{}"},
      {"gzip_coding", 501, post + "Transfer-Encoding: gzip\r\n" + end + "{}"},
      {"empty_coding", 501, post + "Transfer-Encoding:\r\n" + end + "{}"},
      {"vertical_tab_before_chunked", 400,
       post +
           "Transfer-Encoding: \x0b"
           "chunked\r\n" +
           end},
      {"blank_before_coding_colon", 400, post + "Transfer-Encoding : chunked\r\n" + end},
      {"chunked_over_1_0", 411, "POST /a HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n" + end},
      // lengths
      {"equal_lengths", 400, post + "Content-Length: 2\r\nContent-Length: 2\r\n" + end + "{}"},
      {"different_lengths", 400, post + "Content-Length: 2\r\nContent-Length: 0\r\n" + end + "{}"},
      {"length_list", 400, post + "Content-Length: 2, 2\r\n" + end + "{}"},
      {"zero_list", 400, post + "Content-Length: 0, 0\r\n" + end},
      {"plus_length", 400, post + "Content-Length: +2\r\n" + end + "{}"},
      {"minus_length", 400, post + "Content-Length: -2\r\n" + end + "{}"},
      {"hex_length", 400, post + "Content-Length: 0x2\r\n" + end + "{}"},
      {"decimal_length", 400, post + "Content-Length: 2.0\r\n" + end + "{}"},
      {"spaced_length", 400, post + "Content-Length: 2 2\r\n" + end + "{}"},
      {"empty_length", 400, post + "Content-Length:\r\n" + end + "{}"},
      {"overflowing_length", 413, post + "Content-Length: 18446744073709551618\r\n" + end + "{}"},
      {"huge_length", 413, post + "Content-Length: 99999999999999999999999999\r\n" + end + "{}"},
      {"length_above_limit", 413, post + "Content-Length: 102401\r\n" + end},
      {"body_without_length", 411, post + end + "{}"},
      {"untyped_body_without_length", 411, "POST /a HTTP/1.1\r\n" + host + end + "{}"},
      {"get_with_body", 400, get + "Content-Length: 2\r\n" + end + "{}"},
      {"head_with_body", 400, "HEAD /a HTTP/1.1\r\n" + host + "Content-Length: 2\r\n" + end + "{}"},
      {"options_with_body", 400, "OPTIONS /a HTTP/1.1\r\n" + host + "Content-Length: 2\r\n" + end + "{}"},
      // host and target
      {"no_host", 400, "GET /a HTTP/1.1\r\n" + end},
      {"no_host_in_1_0", 400, "GET /a HTTP/1.0\r\n" + end},
      {"two_hosts", 400, get + "Host: example.org\r\n" + end},
      {"two_different_hosts", 400, get + "host: evil.example\r\n" + end},
      {"empty_host", 400, "GET /a HTTP/1.1\r\nHost:\r\n" + end},
      {"host_with_path", 400, "GET /a HTTP/1.1\r\nHost: example.org/x\r\n" + end},
      {"host_with_user", 400, "GET /a HTTP/1.1\r\nHost: user@example.org\r\n" + end},
      {"host_list", 400, "GET /a HTTP/1.1\r\nHost: example.org, evil.example\r\n" + end},
      {"host_with_bad_port", 400, "GET /a HTTP/1.1\r\nHost: example.org:80x\r\n" + end},
      {"host_with_blank", 400, "GET /a HTTP/1.1\r\nHost: example.org evil\r\n" + end},
      {"absolute_form_of_other_host", 400, "GET http://evil.example/a HTTP/1.1\r\n" + host + end},
      {"absolute_form_of_other_scheme", 400, "GET ftp://example.org/a HTTP/1.1\r\n" + host + end},
      {"authority_form", 400, "GET example.org:80 HTTP/1.1\r\n" + host + end},
      {"asterisk_form", 400, "OPTIONS * HTTP/1.1\r\n" + host + end},
      {"target_without_slash", 400, "GET a HTTP/1.1\r\n" + host + end},
      {"fragment", 400, "GET /a#b HTTP/1.1\r\n" + host + end},
      {"raw_utf8_in_path", 400, "GET /\xc3\xa4 HTTP/1.1\r\n" + host + end},
      {"encoded_nul", 400, "GET /a%00b HTTP/1.1\r\n" + host + end},
      {"encoded_slash", 400, "GET /a%2fb HTTP/1.1\r\n" + host + end},
      {"encoded_backslash", 400, "GET /a%5cb HTTP/1.1\r\n" + host + end},
      {"dot_segment", 400, "GET /x/../a HTTP/1.1\r\n" + host + end},
      {"encoded_dot_segment", 400, "GET /x/%2e%2e/a HTTP/1.1\r\n" + host + end},
      {"cut_escape", 400, "GET /a%2 HTTP/1.1\r\n" + host + end},
      {"overlong_utf8", 400, "GET /a%c0%ae HTTP/1.1\r\n" + host + end},
      {"repeated_parameter", 400, "GET /a?x=1&x=2 HTTP/1.1\r\n" + host + end},
      {"long_uri", 414, "GET /" + std::string(8192, 'a') + " HTTP/1.1\r\n" + host + end},
      {"endless_uri", 414, "GET /" + std::string(20000, 'a')},
      // request line
      {"http_0_9", 400, "GET /a\r\n" + end},
      {"http_2", 400, "GET /a HTTP/2.0\r\n" + host + end},
      {"http_2_preface", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"http_1_2", 400, "GET /a HTTP/1.2\r\n" + host + end},
      {"lower_case_version", 400, "GET /a http/1.1\r\n" + host + end},
      {"two_blanks", 400, "GET  /a HTTP/1.1\r\n" + host + end},
      {"tab_for_blank", 400, "GET\t/a HTTP/1.1\r\n" + host + end},
      {"blank_at_end", 400, "GET /a HTTP/1.1 \r\n" + host + end},
      {"blank_at_begin", 400, " GET /a HTTP/1.1\r\n" + host + end},
      {"bad_method", 400, "GE(T /a HTTP/1.1\r\n" + host + end},
      {"endless_method", 400, std::string(100, 'A')},
      {"two_empty_lines_before", 400, "\r\n\r\n" + get + end},
      {"trace", 501, "TRACE /a HTTP/1.1\r\n" + host + end},
      {"connect", 501, "CONNECT example.org:443 HTTP/1.1\r\n" + host + end},
      // lines
      {"bare_line_feeds", 400, "GET /a HTTP/1.1\nHost: example.org\n\n"},
      {"bare_line_feed_in_fields", 400, "GET /a HTTP/1.1\r\nHost: example.org\nX: y\r\n" + end},
      {"bare_cr", 400, get + "X: a\rb\r\n" + end},
      {"bare_cr_at_end", 400, get + "X: a\r\r\n" + end},
      {"folded_line", 400, get + "X: a\r\n b\r\n" + end},
      {"folded_by_tab", 400, get + "X: a\r\n\tb\r\n" + end},
      {"first_line_folded", 400, "GET /a HTTP/1.1\r\n " + host + end},
      {"nul_in_value", 400, get + "X: a\0b\r\n"s + end},
      {"escape_in_value", 400, get + "X: a\x1b[0m\r\n" + end},
      {"delete_in_value", 400, get + "X: a\x7f\r\n" + end},
      {"nul_in_name", 400, get + "X\0Y: a\r\n"s + end},
      {"blank_before_colon", 400, get + "X : a\r\n" + end},
      {"blank_in_name", 400, get + "X Y: a\r\n" + end},
      {"no_colon", 400, get + "X\r\n" + end},
      {"no_name", 400, get + ": a\r\n" + end},
      {"non_ascii_name", 400, get + "X\xc3\xa4: a\r\n" + end},
      {"many_lines", 431, get + lines(100) + end},
      {"large_fields", 431, get + "X: " + std::string(16384, 'a') + "\r\n" + end},
      {"endless_field", 431, get + "X: " + std::string(30000, 'a')},
      // fields that decide something, twice
      {"two_authorizations", 400, get + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n" + end},
      {"two_content_types", 400, post + "Content-Type: text/plain\r\nContent-Length: 2\r\n" + end + "{}"},
      {"two_origins", 400, get + "Origin: https://a\r\nOrigin: https://b\r\n" + end},
      {"two_cookies", 400, get + "Cookie: a=1\r\nCookie: a=2\r\n" + end},
      {"unknown_expectation", 417, post + "Content-Length: 2\r\nExpect: tea\r\n" + end + "{}"},
  };
}

Task<Result<Response>> answer_path(Call call) { co_return json_response(200, "\"" + call.request.path + "\""); }

Route route(Method method, std::string_view path) {
  return Route{.method = method,
               .path = path,
               .access = Access::anyone(),
               .tier = RateTier::none,
               .audit = AuditEvent::none(),
               .summary = "",
               .handler = answer_path};
}

std::vector<Route> routes() {
  return {route(Method::get, "/a"), route(Method::post, "/a"), route(Method::get, "/smuggled"),
          route(Method::get, "/")};
}

TEST(RequestGate, RefusesWhatCouldBeReadTwoWaysAndAnswersNothingBehindIt) {
  RunningHttpServer server({.routes = routes()});
  for (const RefusalCase& refusal : refusals()) {
    SCOPED_TRACE(refusal.name);
    SocketClient client = server.connect();
    client.send(refusal.request + smuggled);
    const Answer answer =
        test::read_answer(client, refusal.request.starts_with("HEAD") ? test::Body::absent : test::Body::present);
    EXPECT_EQ(answer.status, refusal.status);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
    EXPECT_FALSE(answer.header("x-request-id").empty());
    EXPECT_EQ(answer.body.find("evil"), std::string::npos) << "the answer repeats the request";
    EXPECT_EQ(client.receive_to_end(), "") << "something behind the refused request was answered";
  }
}

TEST(RequestGate, ReadsARequestTheSameInWhateverPiecesItComes) {
  // A limit or check that looked at one piece only could be split around.
  for (const RefusalCase& refusal : refusals()) {
    SCOPED_TRACE(refusal.name);
    Connection whole(102400);
    whole.feed(refusal.request);
    Connection pieces(102400);
    for (std::size_t i = 0; i < refusal.request.size() && pieces.state() != Connection::State::refused; ++i) {
      pieces.feed(std::string_view(refusal.request).substr(i, 1));
      if (pieces.state() == Connection::State::complete) pieces.take();
    }
    ASSERT_EQ(whole.state(), Connection::State::refused);
    if (pieces.state() == Connection::State::ended) {  // no length: nothing behind the head is read
      EXPECT_EQ(whole.refusal().code, ErrorCode::length_required);
      continue;
    }
    ASSERT_EQ(pieces.state(), Connection::State::refused);
    EXPECT_EQ(pieces.refusal().code, whole.refusal().code);
    EXPECT_EQ(pieces.refusal().message, whole.refusal().message);
  }
}

struct AcceptedCase {
  const char* name;
  std::string request;
  std::string path;
};

class Accepted : public testing::TestWithParam<AcceptedCase> {};

// The control of the list above: each of these differs from a refused one by what makes it good.
TEST_P(Accepted, IsAnswered) {
  RunningHttpServer server({.routes = routes()});
  SocketClient client = server.connect();
  client.send(GetParam().request);
  const Answer answer = test::read_answer(client);
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body, "\"" + GetParam().path + "\"");
}

INSTANTIATE_TEST_SUITE_P(
    , Accepted,
    testing::Values(
        AcceptedCase{"plain", get + end, "/a"}, AcceptedCase{"zero_length", get + "Content-Length: 0\r\n" + end, "/a"},
        AcceptedCase{"body", post + "Content-Length: 2\r\n" + end + "{}", "/a"},
        AcceptedCase{"no_body", "POST /a HTTP/1.1\r\n" + host + end, "/a"},
        AcceptedCase{"absolute_form", "GET http://EXAMPLE.org:80/a HTTP/1.1\r\n" + host + end, "/a"},
        AcceptedCase{"absolute_form_of_root", "GET http://example.org HTTP/1.1\r\n" + host + end, "/"},
        AcceptedCase{"host_with_port", "GET /a HTTP/1.1\r\nHost: example.org:3000\r\n" + end, "/a"},
        AcceptedCase{"ipv6_host", "GET /a HTTP/1.1\r\nHost: [::1]:3000\r\n" + end, "/a"},
        AcceptedCase{"http_1_0", "GET /a HTTP/1.0\r\n" + host + end, "/a"},
        AcceptedCase{"empty_line_before", "\r\n" + get + end, "/a"},
        AcceptedCase{"ninety_nine_lines", get + lines(99) + end, "/a"},
        AcceptedCase{"longest_uri", "GET /a?" + std::string(8189, 'x') + " HTTP/1.1\r\n" + host + end, "/a"},
        AcceptedCase{"tabs_in_value", get + "X:\t a\tb \t\r\n" + end, "/a"},
        AcceptedCase{"empty_value", get + "X:\r\n" + end, "/a"},
        AcceptedCase{"latin_value", get + "X: caf\xe9\r\n" + end, "/a"},
        AcceptedCase{"encoded_letter", "GET /%61 HTTP/1.1\r\n" + host + end, "/a"},
        AcceptedCase{"two_lists", get + "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 1.2.3.5\r\n" + end, "/a"}),
    [](const auto& info) { return info.param.name; });

TEST(RequestGate, DecodesOnce) {
  // "%252e%252e" must not become ".." for anybody later.
  RunningHttpServer server({.routes = routes()});
  EXPECT_EQ(server.exchange("GET /x/%252e%252e/a HTTP/1.1\r\n" + host + end).status, 404);
}

TEST(RequestGate, EndsTheConnectionAfterAPostWithoutLength) {
  // Whether a body follows cannot be known, so nothing that follows may be read as a request.
  RunningHttpServer server({.routes = routes()});
  SocketClient client = server.connect();
  client.send("POST /a HTTP/1.1\r\n" + host + end);
  const Answer answer = test::read_answer(client);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("connection"), "close");
  client.send(smuggled);
  EXPECT_EQ(client.receive_to_end(), "");
}

TEST(RequestGate, EndsTheConnectionAfterHttp10EvenIfAskedToKeepIt) {
  RunningHttpServer server({.routes = routes()});
  SocketClient client = server.connect();
  client.send("GET /a HTTP/1.0\r\n" + host + "Connection: keep-alive\r\n" + end + smuggled);
  EXPECT_EQ(test::read_answer(client).status, 200);
  EXPECT_EQ(client.receive_to_end(), "");
}

TEST(RequestGate, LimitsBodiesByTheSetting) {
  RunningHttpServer server({.routes = routes(), .settings = {.body_bytes_max = 10}});
  EXPECT_EQ(server.exchange(post + "Content-Length: 10\r\n" + end + "[11111111]").status, 200);
  EXPECT_EQ(server.exchange(post + "Content-Length: 11\r\n" + end).status, 413) << "and before the body has come";
}

}  // namespace
}  // namespace mcp::http
