// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the loop around the requests of a connection: its deadlines, its order, its headers and its end.
#include "http/server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "net/tls.hpp"
#include "support/certificate.hpp"
#include "support/http_client.hpp"

namespace mcp::http {
namespace {

using namespace std::chrono_literals;
using test::Answer;
using test::Body;
using test::read_answer;
using test::RunningHttpServer;
using test::SocketClient;

const std::string host = "Host: example.org\r\n";

std::string get(std::string_view path, std::string_view more = {}) {
  return "GET " + std::string(path) + " HTTP/1.1\r\n" + host + std::string(more) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view type = "application/json") {
  return "POST " + std::string(path) + " HTTP/1.1\r\n" + host + "Content-Type: " + std::string(type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

Route route(Method method, std::string_view path, Handler handler) {
  return Route{.method = method,
               .path = path,
               .access = Access::anyone(),
               .tier = RateTier::none,
               .audit = AuditEvent::none(),
               .summary = "",
               .handler = std::move(handler)};
}

Task<Result<Response>> tell_path(Call call) { co_return json_response(200, "\"" + call.request.path + "\""); }
Task<Result<Response>> tell_body(Call call) { co_return json_response(200, std::string(call.request.body)); }
Task<Result<Response>> tell_address(Call call) { co_return json_response(200, call.request.origin.ip_address); }
Task<Result<Response>> tell_much(Call) { co_return json_response(200, std::string(20 << 20, 'x')); }

std::vector<Route> routes() {
  std::vector<Route> all;
  for (const std::string_view path :
       {"/", "/a", "/b", "/admin", "/api/a", "/api/docs", "/assets/x.css", "/administrator"}) {
    all.push_back(route(Method::get, path, tell_path));
  }
  all.push_back(route(Method::post, "/api/body", tell_body));
  all.push_back(route(Method::get, "/address", tell_address));
  all.push_back(route(Method::get, "/much", tell_much));
  return all;
}

TEST(HttpServer, KeepsTheConnectionBetweenRequests) {
  RunningHttpServer server({.routes = routes()});
  SocketClient client = server.connect();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send(get("/a")));
    const Answer answer = read_answer(client);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("connection"), "");
  }
  EXPECT_EQ(server.listener().listener().connections(), 1U);
}

TEST(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
  RunningHttpServer server({.routes = routes()});
  SocketClient client = server.connect();
  std::string all;
  for (int i = 0; i < 50; ++i) all += get("/a") + post("/api/body", "[1]") + get("/b");
  ASSERT_TRUE(client.send(all + get("/a", "Connection: close\r\n")));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(read_answer(client).body, "\"/a\"");
    EXPECT_EQ(read_answer(client).body, "[1]");
    EXPECT_EQ(read_answer(client).body, "\"/b\"");
  }
  EXPECT_EQ(read_answer(client).header("connection"), "close");
  EXPECT_TRUE(client.has_ended());
}

TEST(HttpServer, AnswersHeadWithoutABody) {
  RunningHttpServer server({.routes = routes()});
  SocketClient client = server.connect();
  ASSERT_TRUE(client.send("HEAD /a HTTP/1.1\r\n" + host + "\r\n" + get("/b")));
  const Answer head = read_answer(client, Body::absent);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "4");
  EXPECT_EQ(read_answer(client).body, "\"/b\"") << "the body of HEAD was sent";
}

TEST(HttpServer, SendsAnAnswerThatTheSocketDoesNotHold) {
  RunningHttpServer server({.routes = routes()});
  SocketClient client = server.connect();
  ASSERT_TRUE(client.send(get("/much")));
  EXPECT_EQ(read_answer(client).body.size(), 20U << 20);
}

TEST(HttpServer, DropsAClientThatDoesNotReadItsAnswer) {
  RunningHttpServer server({.routes = routes(), .settings = {.write_timeout = 50ms}});
  SocketClient client;
  client.set_receive_buffer(4096);
  client.connect(server.listener().port());
  ASSERT_TRUE(client.send(get("/much")));
  EXPECT_TRUE(server.listener().stop(10s)) << "the connection waits for a reader";
}

TEST(HttpServer, AnswersExpectContinueBeforeTheBody) {
  RunningHttpServer server({.routes = routes()});
  SocketClient client = server.connect();
  const std::string head = "POST /api/body HTTP/1.1\r\n" + host +
                           "Content-Type: application/json\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n";
  ASSERT_TRUE(client.send(head));
  EXPECT_EQ(client.receive_exactly(25), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.send("[1]"));
  EXPECT_EQ(read_answer(client).body, "[1]");
  ASSERT_TRUE(client.send(head + "[2]"));  // the client did not wait: no 100 needed
  EXPECT_EQ(read_answer(client).body, "[2]");
}

// deadlines

TEST(HttpServer, RefusesAHeadThatComesTooSlowly) {
  // Slowloris: a byte now and then keeps a connection for ever, unless the deadline is for the whole head.
  RunningHttpServer server({.routes = routes(), .settings = {.header_timeout = 200ms}});
  SocketClient client = server.connect();
  const auto begun = std::chrono::steady_clock::now();
  auto dripping = std::async(std::launch::async, [&] {
    const std::string head = "GET /a HTTP/1.1\r\n" + host + "X: " + std::string(16000, 'a');
    for (const char c : head) {
      if (!client.send({&c, 1}) || std::chrono::steady_clock::now() - begun > 5s) break;
    }
  });
  const Answer answer = read_answer(client);
  dripping.get();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

TEST(HttpServer, RefusesABodyThatDoesNotCome) {
  RunningHttpServer server({.routes = routes(), .settings = {.body_timeout = 50ms}});
  SocketClient client = server.connect();
  ASSERT_TRUE(client.send("POST /api/body HTTP/1.1\r\n" + host +
                          "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n[1"));
  const Answer answer = read_answer(client);
  EXPECT_EQ(answer.status, 408);
  EXPECT_NE(answer.body.find("REQUEST_TIMEOUT"), std::string::npos);
  EXPECT_TRUE(client.has_ended());
}

TEST(HttpServer, ClosesAConnectionThatNeverAsks) {
  RunningHttpServer server({.routes = routes(), .settings = {.header_timeout = 50ms, .keepalive_timeout = 1h}});
  SocketClient client = server.connect();
  EXPECT_TRUE(client.has_ended()) << "no answer is due, only the end";
}

TEST(HttpServer, ClosesAnIdleConnectionAfterItsTime) {
  RunningHttpServer server({.routes = routes(), .settings = {.keepalive_timeout = 50ms}});
  SocketClient client = server.connect();
  ASSERT_TRUE(client.send(get("/a")));
  EXPECT_EQ(read_answer(client).status, 200);
  EXPECT_TRUE(client.has_ended());
}

// shutdown

TEST(HttpServer, ClosesIdleConnectionsAtOnceWhenItDrains) {
  RunningHttpServer server({.routes = routes()});
  SocketClient fresh = server.connect();
  SocketClient kept = server.connect();
  ASSERT_TRUE(kept.send(get("/a")));
  EXPECT_EQ(read_answer(kept).status, 200);
  server.server().drain();
  EXPECT_TRUE(fresh.has_ended());
  EXPECT_TRUE(kept.has_ended());
  EXPECT_TRUE(server.listener().stop(10s));
}

// Holds a request until the test lets it go.
struct Gate {
  std::promise<Executor> executor;
  std::shared_ptr<
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>>
      held;
};

Task<Result<Response>> wait_at(Gate* gate) {
  const Executor executor = co_await asio::this_coro::executor;
  gate->held =
      std::make_shared<std::decay_t<decltype(*gate->held)>>(executor, std::chrono::steady_clock::time_point::max());
  gate->executor.set_value(executor);
  try {
    co_await gate->held->async_wait(use_task);
  } catch (const std::exception&) {
    gate->held.reset();  // cancelled: the way on
  }
  co_return json_response(200, "\"done\"");
}

TEST(HttpServer, FinishesARequestInWorkWhenItDrainsAndThenCloses) {
  Gate gate;
  RunningHttpServer server({.routes = {route(Method::get, "/slow", [&gate](Call) { return wait_at(&gate); })}});
  SocketClient client = server.connect();
  ASSERT_TRUE(client.send(get("/slow")));
  const Executor executor = gate.executor.get_future().get();
  server.server().drain();
  asio::post(executor, [&gate] { gate.held->cancel(); });
  const Answer answer = read_answer(client);
  EXPECT_EQ(answer.body, "\"done\"");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(client.has_ended());
}

TEST(HttpServer, LetsTheClientReadTheAnswerToABodyThatItDidNotTake) {
  // Closing with unread bytes resets the connection, and the 413 would be lost.
  RunningHttpServer server({.routes = routes()});
  SocketClient client = server.connect();
  ASSERT_TRUE(client.send("POST /api/body HTTP/1.1\r\n" + host +
                          "Content-Type: application/json\r\nContent-Length: 200000\r\n\r\n"));
  for (int i = 0; i < 2000; ++i) ASSERT_TRUE(client.send(std::string(100, 'x'))) << "reset after " << i << " pieces";
  EXPECT_EQ(read_answer(client).status, 413);
}

// headers

struct PolicyCase {
  const char* name;
  const char* path;
  const char* policy_part;
};

class ContentPolicy : public testing::TestWithParam<PolicyCase> {};

TEST_P(ContentPolicy, FollowsThePath) {
  RunningHttpServer server({.routes = routes()});
  const Answer answer = server.exchange(get(GetParam().path));
  const std::string policy = answer.header("content-security-policy");
  EXPECT_EQ(answer.count("content-security-policy"), 1U);
  EXPECT_NE(policy.find(GetParam().policy_part), std::string::npos) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
}

constexpr const char* page =
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted";
constexpr const char* data = "default-src 'none'; frame-ancestors 'none'";
INSTANTIATE_TEST_SUITE_P(
    , ContentPolicy,
    testing::Values(PolicyCase{"start", "/", page}, PolicyCase{"admin", "/admin", page},
                    PolicyCase{"admin_subpage", "/admin/nothing", page}, PolicyCase{"api", "/api/a", data},
                    PolicyCase{"unknown_api", "/api/nothing", data}, PolicyCase{"other", "/administrator", data},
                    PolicyCase{"asset", "/assets/x.css", data}, PolicyCase{"docs", "/api/docs", "form-action 'none'"},
                    PolicyCase{"docs_lookalike", "/api/docsx", data}),
    [](const auto& info) { return info.param.name; });

TEST(HttpServer, PutsTheSecurityHeadersOnEveryAnswer) {
  RunningHttpServer server({.routes = routes()});
  for (const std::string& request :
       {get("/a"), get("/nothing"), get("/api/nothing"), std::string("TRACE / HTTP/1.1\r\n") + host + "\r\n",
        std::string("broken\r\n\r\n"), post("/a", "{}"), post("/api/body", "x", "text/plain"),
        "OPTIONS /a HTTP/1.1\r\n" + host + "\r\n", get("/ws"),
        get("/", "Upgrade: websocket\r\nConnection: upgrade\r\n")}) {
    SCOPED_TRACE(request);
    const Answer answer = server.exchange(request);
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.header("x-frame-options"), "DENY");
    EXPECT_EQ(answer.header("referrer-policy"), "no-referrer");
    EXPECT_EQ(answer.header("cross-origin-opener-policy"), "same-origin");
    EXPECT_EQ(answer.header("cross-origin-resource-policy"), "same-origin");
    EXPECT_NE(answer.header("permissions-policy").find("camera=()"), std::string::npos);
    EXPECT_EQ(answer.count("content-security-policy"), 1U);
    EXPECT_EQ(answer.header("cache-control"), "no-store");
    EXPECT_TRUE(answer.header("date").ends_with(" GMT"));
    EXPECT_GE(answer.header("x-request-id").size(), 8U);
    EXPECT_EQ(answer.count("server") + answer.count("x-powered-by") + answer.count("strict-transport-security"), 0U);
    EXPECT_EQ(answer.count("access-control-allow-origin") + answer.count("vary"), 0U) << "CORS is off by default";
  }
}

TEST(HttpServer, EchoesTheRequestIdInHeaderAndProblem) {
  RunningHttpServer server({.routes = routes()});
  for (const std::string& request : {get("/nothing", "X-Request-Id: client-id-1\r\n"),
                                     get("/a", "X-Request-Id: client-id-1\r\nTransfer-Encoding: chunked\r\n")}) {
    const Answer answer = server.exchange(request);
    EXPECT_EQ(answer.header("x-request-id"), "client-id-1");
    EXPECT_NE(answer.body.find("\"requestId\":\"client-id-1\""), std::string::npos) << answer.body;
  }
}

Task<Result<Response>> inject(Call) {
  Response response = json_response(201, "{}");
  response.headers.emplace_back("Location", "/x\r\nSet-Cookie: a=b");
  co_return response;
}

TEST(HttpServer, KeepsAHeaderValueOnItsLine) {
  RunningHttpServer server({.routes = {route(Method::get, "/x", inject)}});
  const Answer answer = server.exchange(get("/x"));
  EXPECT_EQ(answer.count("set-cookie"), 0U);
  EXPECT_EQ(answer.header("location"), "/xSet-Cookie: a=b");
}

TEST(HttpServer, AllowsOtherOriginsExactlyAsListed) {
  RunningHttpServer server({.routes = routes(), .settings = {.cors_origins = {"https://app.example.org"}}});
  const auto allowed = [&](std::string_view origin) {
    return server.exchange(get("/a", "Origin: " + std::string(origin) + "\r\n")).header("access-control-allow-origin");
  };
  EXPECT_EQ(allowed("https://app.example.org"), "https://app.example.org");
  for (const char* other :
       {"https://app.example.org.evil.example", "https://evilapp.example.org", "http://app.example.org",
        "https://APP.example.org", "https://app.example.org:8443", "null", "*"}) {
    EXPECT_EQ(allowed(other), "") << other;
  }
  const std::string origin = "Origin: https://app.example.org\r\n";
  const Answer error = server.exchange(get("/api/nothing", origin));
  EXPECT_EQ(error.header("access-control-allow-origin"), "https://app.example.org") << "errors must be readable, too";
  EXPECT_EQ(error.header("vary"), "Origin");
  EXPECT_NE(error.header("access-control-expose-headers").find("Retry-After"), std::string::npos);
  EXPECT_EQ(error.count("access-control-allow-credentials"), 0U);
  const Answer preflight =
      server.exchange("OPTIONS /api/body HTTP/1.1\r\n" + host + origin + "Access-Control-Request-Method: POST\r\n\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.header("access-control-allow-methods"), "GET, POST, PUT, DELETE");
  EXPECT_EQ(preflight.header("access-control-allow-headers"), "Authorization, Content-Type, CSRF-Token, X-Request-Id");
  EXPECT_EQ(preflight.header("access-control-max-age"), "600");
  EXPECT_EQ(preflight.count("content-length"), 0U);
}

TEST(HttpServer, UsesTheAddressThatATrustedProxyReports) {
  RunningHttpServer trusting({.routes = routes(), .settings = {.trusted_proxies = {"127.0.0.0/8"}}});
  EXPECT_EQ(trusting.exchange(get("/address", "X-Forwarded-For: 198.51.100.1\r\n")).body, "198.51.100.1");
  RunningHttpServer plain({.routes = routes()});
  EXPECT_EQ(plain.exchange(get("/address", "X-Forwarded-For: 198.51.100.1\r\n")).body, "127.0.0.1");
}

// TLS

TEST(HttpServer, AnswersOverTlsWithStrictTransportSecurityAndAcrossAReload) {
  const test::TemporaryFolder folder;
  const std::string certificate = folder.path("cert.pem");
  const std::string key = folder.path("key.pem");
  test::make_certificate("before", certificate, key);
  const auto tls = net::Tls::load(certificate, key);
  RunningHttpServer server({.routes = routes(), .settings = {.hsts = true}, .tls = tls});
  SocketClient old_client = server.connect();
  ASSERT_TRUE(old_client.start_tls());
  ASSERT_TRUE(old_client.send(get("/a")));
  const Answer answer = read_answer(old_client);
  EXPECT_EQ(answer.body, "\"/a\"");
  EXPECT_EQ(answer.header("strict-transport-security"), "max-age=31536000");

  test::make_certificate("after", certificate, key);
  tls->reload();
  SocketClient new_client = server.connect();
  ASSERT_TRUE(new_client.start_tls());
  EXPECT_EQ(new_client.certificate_name(), "after");
  for (SocketClient* client : {&old_client, &new_client}) {
    ASSERT_TRUE(client->send(post("/api/body", "[" + std::string(50000, '1') + "]")));
    EXPECT_EQ(read_answer(*client).body.size(), 50002U);
  }
}

TEST(HttpServer, CountsWhatItAnswers) {
  RunningHttpServer server({.routes = routes()});
  server.exchange(get("/a"));
  server.exchange(get("/nothing"));
  server.exchange("broken\r\n\r\n");
  const Stats& stats = server.server().stats();
  EXPECT_EQ(stats.by_class[2], 1U);
  EXPECT_EQ(stats.by_class[4], 2U);
  EXPECT_EQ(stats.refused_by_gate, 1U);
}

}  // namespace
}  // namespace mcp::http
