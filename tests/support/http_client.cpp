// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "support/http_client.hpp"

#include <algorithm>
#include <cctype>

namespace mcp::test {
namespace {

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Task<> refuse_upgrade(std::unique_ptr<net::Stream>, http::Upgrade) {
  ADD_FAILURE() << "an upgrade went through";
  co_return;
}

std::unique_ptr<http::Router> make_router(http::Guards guards, std::vector<http::Route> routes) {
  auto router = std::make_unique<http::Router>(std::move(guards));
  router->add(std::move(routes));
  return router;
}

}  // namespace

std::string Answer::header(std::string_view lower_case_name) const {
  const auto found = std::ranges::find(headers, lower_case_name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? std::string() : found->second;
}

std::size_t Answer::count(std::string_view lower_case_name) const {
  return static_cast<std::size_t>(
      std::ranges::count(headers, lower_case_name, &std::pair<std::string, std::string>::first));
}

Answer read_answer(SocketClient& client, Body body) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const std::string byte = client.receive(1);
    if (byte.empty()) return {};
    head += byte;
  }
  Answer answer;
  answer.status = std::stoi(head.substr(head.find(' ') + 1, 3));
  for (std::size_t begin = head.find("\r\n") + 2; begin + 2 < head.size();) {
    const std::size_t end = head.find("\r\n", begin);
    const std::string line = head.substr(begin, end - begin);
    const std::size_t colon = line.find(": ");
    answer.headers.emplace_back(lower_case(line.substr(0, colon)), line.substr(colon + 2));
    begin = end + 2;
  }
  const std::string length = answer.header("content-length");
  if (body == Body::present && !length.empty()) answer.body = client.receive_exactly(std::stoul(length));
  return answer;
}

RunningHttpServer::RunningHttpServer(Parts parts)
    : router_(make_router(std::move(parts.guards), std::move(parts.routes))),
      server_(std::move(parts.settings), *router_, parts.upgrade ? std::move(parts.upgrade) : refuse_upgrade,
              std::move(parts.upgrade_guards)),
      listener_([this](std::unique_ptr<net::Stream> stream) { return server_.serve(std::move(stream)); },
                std::move(parts.tls), parts.threads) {}

Answer RunningHttpServer::exchange(std::string_view request, Body body) {
  SocketClient client = connect();
  client.send(request);
  return read_answer(client, body);
}

}  // namespace mcp::test
