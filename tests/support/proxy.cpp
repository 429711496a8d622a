// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "support/proxy.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <vector>

namespace mcp::test {
namespace {

using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

// Both sides of one connection.
struct Pair {
  explicit Pair(Executor executor) : client(executor), server(executor) {}
  void close() {
    boost::system::error_code ignored;
    client.close(ignored);
    server.close(ignored);
  }
  Socket client;
  Socket server;
};

asio::generic::stream_protocol::endpoint endpoint_of(const db::Address& address) {
  if (address.host.starts_with('/')) {
    return asio::local::stream_protocol::endpoint(fmt::format("{}/.s.PGSQL.{}", address.host, address.port));
  }
  return asio::ip::tcp::endpoint(asio::ip::make_address(address.host), address.port);
}

}  // namespace

struct Proxy::State {
  State(Executor executor, db::Address where)
      : acceptor(executor, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)), target(std::move(where)) {}

  Acceptor acceptor;
  db::Address target;
  std::vector<std::shared_ptr<Pair>> pairs;
  bool is_silent = false;

  static Task<> pass(std::shared_ptr<State> state, std::shared_ptr<Pair> pair, bool from_client) {
    Socket& from = from_client ? pair->client : pair->server;
    Socket& to = from_client ? pair->server : pair->client;
    std::array<char, 4096> bytes{};
    while (!state->is_silent) {
      const auto [read_error, size] = co_await from.async_read_some(asio::buffer(bytes), asio::as_tuple(use_task));
      if (state->is_silent) co_return;  // what was read is lost
      if (read_error) break;
      const auto [write_error, written] =
          co_await asio::async_write(to, asio::buffer(bytes.data(), size), asio::as_tuple(use_task));
      if (write_error) break;
    }
    if (!state->is_silent) pair->close();
  }
};

Proxy::Proxy(Loop& loop, db::Address target) : state_(std::make_shared<State>(loop.executor(), std::move(target))) {
  asio::co_spawn(loop.executor(), accept(state_), asio::detached);
}

Proxy::~Proxy() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  cut();
}

db::Address Proxy::address() const {
  db::Address address = state_->target.duplicate();
  address.host = "127.0.0.1";
  address.port = state_->acceptor.local_endpoint().port();
  return address;
}

void Proxy::go_silent() { state_->is_silent = true; }

void Proxy::cut() {
  state_->is_silent = false;
  for (const auto& pair : state_->pairs) pair->close();
  state_->pairs.clear();
}

Task<> Proxy::accept(std::shared_ptr<State> state) {
  const Executor executor = state->acceptor.get_executor();
  while (true) {
    auto pair = std::make_shared<Pair>(executor);
    auto [error, client] = co_await state->acceptor.async_accept(executor, asio::as_tuple(use_task));
    if (error) co_return;
    pair->client = std::move(client);
    pair->server.connect(endpoint_of(state->target));
    state->pairs.push_back(pair);
    asio::co_spawn(executor, State::pass(state, pair, true), asio::detached);
    asio::co_spawn(executor, State::pass(state, pair, false), asio::detached);
  }
}

}  // namespace mcp::test
