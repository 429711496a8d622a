// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/server.hpp"
#include "support/running_listener.hpp"
#include "support/socket_client.hpp"

namespace mcp::test {

struct Answer {
  int status = 0;                                            // 0: the connection ended without one
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;

  std::string header(std::string_view lower_case_name) const;  // empty when missing
  std::size_t count(std::string_view lower_case_name) const;
};

enum class Body : std::uint8_t { present, absent };  // absent: the answer to HEAD

// Reads one answer, no byte more.
Answer read_answer(SocketClient& client, Body body = Body::present);

// A real server on loopback with the routes and guards of a test.
class RunningHttpServer {
 public:
  struct Parts {
    http::Guards guards = {};
    std::vector<http::Route> routes = {};
    http::ServerSettings settings = {};
    http::UpgradeHandler upgrade = {};
    http::UpgradeGuards upgrade_guards = {};
    std::shared_ptr<net::Tls> tls = {};
    std::size_t threads = 2;
  };
  explicit RunningHttpServer(Parts parts);
  ~RunningHttpServer() { server_.drain(); }  // ends idle connections
  RunningHttpServer(const RunningHttpServer&) = delete;
  RunningHttpServer& operator=(const RunningHttpServer&) = delete;

  http::Server& server() { return server_; }
  RunningListener& listener() { return listener_; }
  SocketClient connect() { return SocketClient(listener_.port()); }
  // One request on a connection of its own, sent as it is.
  Answer exchange(std::string_view request, Body body = Body::present);

 private:
  std::unique_ptr<http::Router> router_;
  http::Server server_;
  RunningListener listener_;
};

}  // namespace mcp::test
