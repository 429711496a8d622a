// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the way into the WebSocket: no foreign page, no token in a URL and no malformed handshake gets a 101, and
// what is refused says so in the contract's order.
#include "http/upgrade.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <string>
#include <vector>

#include "support/http_client.hpp"

namespace mcp::http {
namespace {

using test::Answer;
using test::RunningHttpServer;
using test::SocketClient;

struct Handshake {
  std::string target = "/";
  std::string host = "chat.example.org";
  std::string origin = {};
  std::string version = "13";
  std::string key = "dGhlIHNhbXBsZSBub25jZQ==";
  std::string connection = "keep-alive, Upgrade";
  std::string upgrade = "websocket";

  std::string text() const {
    std::string request = "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n";
    const auto add = [&](std::string_view name, const std::string& value) {
      if (!value.empty()) request.append(name).append(": ").append(value).append("\r\n");
    };
    add("Origin", origin);
    add("Sec-WebSocket-Version", version);
    add("Sec-WebSocket-Key", key);
    add("Connection", connection);
    add("Upgrade", upgrade);
    return request + "\r\n";
  }
};

// Answers like the gateway, then tells what it was given.
Task<> accept(std::unique_ptr<net::Stream> stream, Upgrade upgrade) {
  std::string text = "HTTP/1.1 101 Switching Protocols\r\n" + upgrade.answer_headers + "\r\n" + upgrade.websocket_key +
                     "|" + upgrade.leftover + "|" + upgrade.request.path;
  const iovec piece{.iov_base = text.data(), .iov_len = text.size()};
  stream->try_write({&piece, 1});
  stream->shutdown_write();
  co_return;
}

RunningHttpServer::Parts parts() {
  return {.settings = {.cors_origins = {"https://app.example.org"}, .public_url = "https://public.example.org/chat"},
          .upgrade = accept};
}

struct RefusalCase {
  const char* name;
  int status;
  Handshake handshake;
};

class UpgradeRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(UpgradeRefusalTest, IsAnsweredAsAProblem) {
  RunningHttpServer server(parts());
  SocketClient client = server.connect();
  ASSERT_TRUE(client.send(GetParam().handshake.text() + "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"));
  const Answer answer = test::read_answer(client);
  EXPECT_EQ(answer.status, GetParam().status) << answer.body;
  EXPECT_EQ(answer.header("content-type"), "application/problem+json");
  EXPECT_EQ(answer.header("x-frame-options"), "DENY");
  EXPECT_NE(answer.body.find("\"status\":" + std::to_string(GetParam().status) + ","), std::string::npos);
  if (answer.status == 426) {
    EXPECT_EQ(answer.header("sec-websocket-version"), "13");
    EXPECT_EQ(answer.header("upgrade"), "websocket");
  }
  EXPECT_TRUE(client.has_ended());
}

INSTANTIATE_TEST_SUITE_P(
    , UpgradeRefusalTest,
    testing::Values(RefusalCase{"other_path", 404, {.target = "/api/users"}},
                    RefusalCase{"path_below", 404, {.target = "/ws/"}},
                    RefusalCase{"token", 400, {.target = "/?token=abc"}},
                    RefusalCase{"access_token", 400, {.target = "/ws?x=1&access_token="}},
                    RefusalCase{"encoded_token", 400, {.target = "/ws?%74oken=abc"}},
                    RefusalCase{"foreign_origin", 403, {.origin = "https://evil.example"}},
                    RefusalCase{"null_origin", 403, {.origin = "null"}},
                    RefusalCase{"origin_with_own_as_prefix", 403, {.origin = "http://chat.example.org.evil.example"}},
                    RefusalCase{"origin_with_own_as_suffix", 403, {.origin = "http://evilchat.example.org"}},
                    RefusalCase{"origin_on_another_port", 403, {.origin = "http://chat.example.org:8080"}},
                    RefusalCase{"origin_of_another_scheme", 403, {.origin = "https://chat.example.org"}},
                    RefusalCase{"public_url_of_another_scheme", 403, {.origin = "http://public.example.org"}},
                    RefusalCase{"two_origins_in_one", 403, {.origin = "http://chat.example.org https://evil.example"}},
                    RefusalCase{"version_8", 426, {.version = "8"}}, RefusalCase{"no_version", 426, {.version = ""}},
                    RefusalCase{"version_list", 426, {.version = "13, 8"}}, RefusalCase{"no_key", 400, {.key = ""}},
                    RefusalCase{"short_key", 400, {.key = "dGhlIHNhbXBsZQ=="}},
                    RefusalCase{"long_key", 400, {.key = "dGhlIHNhbXBsZSBub25jZQAAAAA="}},
                    RefusalCase{"key_not_base64", 400, {.key = "dGhlIHNhbXBsZSBub25j*Q=="}},
                    RefusalCase{"no_connection_token", 426, {.connection = "keep-alive"}},
                    RefusalCase{"no_upgrade", 426, {.target = "/ws", .upgrade = ""}},
                    RefusalCase{"other_upgrade", 426, {.upgrade = "h2c"}}),
    [](const auto& info) { return info.param.name; });

class UpgradeAccepted : public testing::TestWithParam<RefusalCase> {};

TEST_P(UpgradeAccepted, ReachesTheHandler) {
  RunningHttpServer server(parts());
  SocketClient client = server.connect();
  ASSERT_TRUE(client.send(GetParam().handshake.text() + "frame"));
  const Answer answer = test::read_answer(client);
  EXPECT_EQ(answer.status, GetParam().status);
  EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
  EXPECT_FALSE(answer.header("x-request-id").empty());
  const std::string path = GetParam().handshake.target.substr(0, GetParam().handshake.target.find('?'));
  EXPECT_EQ(client.receive_to_end(), "dGhlIHNhbXBsZSBub25jZQ==|frame|" + path);
}

INSTANTIATE_TEST_SUITE_P(
    , UpgradeAccepted,
    testing::Values(RefusalCase{"without_origin", 101, {}}, RefusalCase{"ws", 101, {.target = "/ws"}},
                    RefusalCase{"other_query", 101, {.target = "/ws?v=1"}},
                    RefusalCase{"own_origin", 101, {.origin = "http://chat.example.org"}},
                    RefusalCase{"own_origin_in_capitals", 101, {.origin = "HTTP://Chat.example.org"}},
                    RefusalCase{
                        "default_port", 101, {.host = "chat.example.org:80", .origin = "http://chat.example.org"}},
                    RefusalCase{"same_port", 101, {.host = "[::1]:3000", .origin = "http://[::1]:3000"}},
                    RefusalCase{"public_url", 101, {.origin = "https://public.example.org"}},
                    RefusalCase{"listed_origin", 101, {.origin = "https://app.example.org"}},
                    RefusalCase{"capitals", 101, {.connection = "UPGRADE", .upgrade = "WebSocket"}}),
    [](const auto& info) { return info.param.name; });

Task<> record(std::vector<ErrorCode>* recorded, const Error& error) {
  recorded->push_back(error.code);
  co_return;
}

Task<> fail_to_record() {
  throw std::runtime_error("no database");
  co_return;  // NOLINT(clang-diagnostic-unreachable-code): makes it a coroutine
}

TEST(Upgrade, IsCheckedInTheContractsOrder) {
  // From the outside in: each step removes the reason that came first before.
  std::atomic<bool> is_outside{true};
  std::atomic<bool> is_full{true};
  std::vector<ErrorCode> recorded;
  auto all = parts();
  all.upgrade_guards = {
      .check_network = [&](const Request&) -> Result<> {
        return is_outside ? fail(ErrorCode::network_not_allowed, "outside") : Result<>();
      },
      .admit = [&](const Request&) -> Result<> { return is_full ? fail(ErrorCode::rate_limited, "many") : Result<>(); },
      .record_refusal = [&](const Request&, const Error& error) { return record(&recorded, error); }};
  RunningHttpServer server(std::move(all));
  Handshake handshake{.target = "/?token=x", .origin = "https://evil.example", .version = "12"};
  EXPECT_EQ(server.exchange(handshake.text()).status, 403);
  is_outside = false;
  EXPECT_EQ(server.exchange(handshake.text()).status, 400);
  handshake.target = "/";
  EXPECT_TRUE(recorded.empty());
  EXPECT_EQ(server.exchange(handshake.text()).status, 403);
  EXPECT_EQ(recorded, std::vector{ErrorCode::forbidden}) << "a refused origin is an authorization failure";
  handshake.origin.clear();
  EXPECT_EQ(server.exchange(handshake.text()).status, 426);
  handshake.version = "13";
  const Answer full = server.exchange(handshake.text());
  EXPECT_EQ(full.status, 429);
  EXPECT_FALSE(full.header("retry-after").empty());
  is_full = false;
  EXPECT_EQ(server.exchange(handshake.text()).status, 101);
}

TEST(Upgrade, IsUnavailableWhenItsRefusalCannotBeRecorded) {
  auto all = parts();
  all.upgrade_guards.record_refusal = [](const Request&, const Error&) { return fail_to_record(); };
  RunningHttpServer server(std::move(all));
  const Answer answer = server.exchange(Handshake{.origin = "https://evil.example"}.text());
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body.find("database"), std::string::npos);
}

Task<Result<Response>> begin_drain(Server* server) {
  server->drain();
  co_return json_response(200, "{}");
}

TEST(Upgrade, IsRefusedWhileTheServerDrains) {
  // One thread, so that the handshake's first bytes have been read when the server begins to drain.
  Server* draining = nullptr;
  auto all = parts();
  all.threads = 1;
  all.routes.push_back(Route{.method = Method::get,
                             .path = "/drain",
                             .access = Access::anyone(),
                             .tier = RateTier::none,
                             .audit = AuditEvent::none(),
                             .summary = "",
                             .handler = [&](Call) { return begin_drain(draining); }});
  RunningHttpServer server(std::move(all));
  draining = &server.server();
  SocketClient client = server.connect();
  ASSERT_TRUE(client.send("GET /"));  // in work: draining leaves it alone
  SocketClient other = server.connect();
  ASSERT_TRUE(other.send("GET /drain HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(test::read_answer(other).status, 200);
  ASSERT_TRUE(client.send(Handshake{}.text().substr(5)));
  const Answer answer = test::read_answer(client);
  EXPECT_EQ(answer.status, 503);
  EXPECT_FALSE(answer.header("retry-after").empty());
}

TEST(Upgrade, IsNoUpgradeOverHttp10OrWithPost) {
  RunningHttpServer server(parts());
  std::string old = Handshake{}.text();
  old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
  EXPECT_EQ(server.exchange(old).status, 426);
  std::string posted = Handshake{}.text();
  posted.replace(0, 3, "POST");
  EXPECT_EQ(server.exchange(posted).status, 404);
}

}  // namespace
}  // namespace mcp::http
