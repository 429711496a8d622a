// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects what operators and load balancers steer by, and the metrics from everybody else.
#include "http/service_routes.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>

#include "http/static_files.hpp"
#include "support/http_client.hpp"

namespace mcp::http {
namespace {

using test::Answer;
using test::Body;
using test::RunningHttpServer;

const std::string end = " HTTP/1.1\r\nHost: example.org\r\n\r\n";

Task<Readiness> tell(Readiness readiness) { co_return readiness; }

Task<Readiness> break_down() {
  throw std::runtime_error("password=secret");
  co_return Readiness{};  // NOLINT(clang-diagnostic-unreachable-code): makes it a coroutine
}

constexpr Readiness all_well{.database = true, .migrations = true, .keys = true, .audit_writer = true, .disk = true};

ServiceSettings settings() {
  ServiceSettings made;
  made.clock = [] { return Timestamp(std::chrono::milliseconds(1769860800000)); };
  made.check_readiness = [] { return tell(all_well); };
  made.metrics_allow = {"127.0.0.0/8"};
  made.metrics_text = [] { return std::string("mcp_up 1\n"); };
  return made;
}

TEST(Health, SaysThatTheProcessLivesAndAsksNobody) {
  ServiceSettings broken = settings();
  broken.check_readiness = [] { return break_down(); };
  RunningHttpServer server({.routes = service_routes(std::move(broken))});
  const Answer answer = server.exchange("GET /health" + end);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.starts_with(R"({"status":"ok","uptime":)")) << answer.body;
  EXPECT_TRUE(answer.body.ends_with(R"("timestamp":"2026-01-31T12:00:00.000Z"})")) << answer.body;
  EXPECT_EQ(server.exchange("HEAD /health" + end, Body::absent).status, 200);
}

TEST(Ready, NamesEachCheck) {
  RunningHttpServer server({.routes = service_routes(settings())});
  const Answer answer = server.exchange("GET /ready" + end);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(
      answer.body,
      R"({"status":"ready","checks":{"database":"ok","migrations":"ok","keys":"ok","auditWriter":"ok","disk":"ok"},)"
      R"("timestamp":"2026-01-31T12:00:00.000Z"})");
}

TEST(Ready, IsUnavailableWhenOneCheckFails) {
  ServiceSettings failing = settings();
  failing.check_readiness = [] {
    Readiness readiness = all_well;
    readiness.audit_writer = false;
    return tell(readiness);
  };
  RunningHttpServer server({.routes = service_routes(std::move(failing))});
  const Answer answer = server.exchange("GET /ready" + end);
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find(R"("status":"not_ready")"), std::string::npos);
  EXPECT_NE(answer.body.find(R"("auditWriter":"fail")"), std::string::npos);
  EXPECT_FALSE(answer.header("retry-after").empty());
}

TEST(Ready, IsUnavailableWithoutErrorTextsWhenTheCheckItselfFails) {
  ServiceSettings failing = settings();
  failing.check_readiness = [] { return break_down(); };
  RunningHttpServer server({.routes = service_routes(std::move(failing))});
  const Answer answer = server.exchange("GET /ready" + end);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
}

TEST(Ready, IsUnavailableWhileTheServerDrains) {
  ServiceSettings draining = settings();
  draining.is_draining = [] { return true; };
  RunningHttpServer server({.routes = service_routes(std::move(draining))});
  EXPECT_EQ(server.exchange("GET /ready" + end).status, 503);
}

TEST(Ready, AsksTheChecksOnceForAFloodOfQuestions) {
  std::atomic<int> asked{0};
  ServiceSettings counting = settings();
  counting.check_readiness = [&] {
    ++asked;
    return tell(all_well);
  };
  RunningHttpServer server({.routes = service_routes(std::move(counting))});
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(server.exchange("GET /ready" + end).status, 200);
  EXPECT_LE(asked, 1 + (std::chrono::steady_clock::now() - begun) / std::chrono::seconds{1});
}

TEST(Metrics, AreForTheirNetworksAndHoldersOfTheToken) {
  RunningHttpServer open({.routes = service_routes(settings())});
  const Answer answer = open.exchange("GET /metrics" + end);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "mcp_up 1\n");
  EXPECT_TRUE(answer.header("content-type").starts_with("text/plain; version=0.0.4"));

  ServiceSettings closed = settings();
  closed.metrics_allow = {"10.0.0.0/8"};
  RunningHttpServer none({.routes = service_routes(closed)});
  EXPECT_EQ(none.exchange("GET /metrics" + end).status, 404);
  EXPECT_EQ(none.exchange("GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \r\n\r\n").status, 404);

  closed.is_metrics_token = [](std::string_view token) { return token == "right"; };
  RunningHttpServer guarded({.routes = service_routes(closed)});
  const auto with = [&](std::string_view credentials) {
    return guarded
        .exchange("GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: " + std::string(credentials) + "\r\n\r\n")
        .status;
  };
  EXPECT_EQ(with("Bearer right"), 200);
  EXPECT_EQ(with("Bearer wrong"), 404);
  EXPECT_EQ(with("Basic right"), 404);
  EXPECT_EQ(guarded.exchange("GET /metrics" + end).status, 404);
}

TEST(StaticFiles, ServesTheStartPageAndWhatItRefersTo) {
  RunningHttpServer server({.routes = static_routes(embedded_files())});
  const Answer page = server.exchange("GET /" + end);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.header("cache-control"), "no-store");
  EXPECT_EQ(page.body.find("<style"), std::string::npos) << "the content policy allows nothing inline";
  EXPECT_EQ(page.body.find("<script>"), std::string::npos);
  int assets = 0;
  for (std::size_t at = page.body.find("\"/assets/"); at != std::string::npos;
       at = page.body.find("\"/assets/", at + 1)) {
    const std::string path = page.body.substr(at + 1, page.body.find('"', at + 1) - at - 1);
    const Answer asset = server.exchange("GET " + path + end);
    EXPECT_EQ(asset.status, 200) << path;
    EXPECT_EQ(asset.header("cache-control"), "public, max-age=31536000, immutable");
    EXPECT_FALSE(asset.body.empty());
    ++assets;
  }
  EXPECT_EQ(assets, 2);
}

TEST(StaticFiles, AnswersHeadAndWhatHasNotChanged) {
  RunningHttpServer server({.routes = static_routes(embedded_files())});
  const Answer head = server.exchange("HEAD /" + end, Body::absent);
  EXPECT_EQ(head.status, 200);
  const std::string tag = head.header("etag");
  ASSERT_TRUE(tag.starts_with('"')) << tag;
  const auto conditional = [&](const std::string& list) {
    return server.exchange("GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: " + list + "\r\n\r\n");
  };
  EXPECT_EQ(conditional(tag).status, 304);
  EXPECT_EQ(conditional("\"other\", W/" + tag).status, 304);
  EXPECT_EQ(conditional(tag).body, "");
  EXPECT_EQ(conditional(tag).header("etag"), tag);
  EXPECT_EQ(conditional("\"other\"").status, 200);
}

TEST(StaticFiles, SendsTheCompressedVariantToThoseWhoTakeIt) {
  RunningHttpServer server({.routes = static_routes(embedded_files())});
  const Answer packed = server.exchange("GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br, gzip\r\n\r\n");
  EXPECT_EQ(packed.header("content-encoding"), "gzip");
  EXPECT_EQ(packed.header("vary"), "Accept-Encoding");
  EXPECT_TRUE(packed.body.starts_with("\x1f\x8b"));
  const Answer plain = server.exchange("GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip;q=0\r\n\r\n");
  EXPECT_EQ(plain.count("content-encoding"), 0U);
  EXPECT_LT(packed.body.size(), plain.body.size());
}

TEST(StaticFiles, LeadsToNoOtherFile) {
  RunningHttpServer server({.routes = static_routes(embedded_files())});
  for (const char* path :
       {"/index.html", "/assets", "/assets/", "/assets/start.css", "/../etc/passwd", "/assets/../../etc/passwd",
        "/%2e%2e/etc/passwd", "/..%2fetc/passwd", "/assets/%2e%2e/index.html", "//etc/passwd", "/assets/..%5c..%5cetc",
        "/etc/passwd", "/assets/start.css%00.js"}) {
    const int status = server.exchange("GET " + std::string(path) + end).status;
    EXPECT_TRUE(status == 404 || status == 400) << path << " gives " << status;
  }
}

}  // namespace
}  // namespace mcp::http
