// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "net/listener.hpp"
#include "net/shards.hpp"

namespace mcp::test {

// A real listener on a free port of loopback, with shards of its own. Ends with the object; a connection that does not
// end by itself then fails the test.
class RunningListener {
 public:
  explicit RunningListener(net::ConnectionHandler handler, std::shared_ptr<net::Tls> tls = nullptr,
                           std::size_t threads = 2, const std::string& host = "127.0.0.1",
                           net::ListenerSettings settings = {})
      : shards_(threads), listener_(shards_, host, 0, std::move(tls), std::move(handler), settings) {
    shards_.start();
    listener_.start();
  }
  ~RunningListener() {
    EXPECT_TRUE(stop(std::chrono::seconds{10})) << "a connection had to be cut";
    shards_.stop(false);
  }
  RunningListener(const RunningListener&) = delete;
  RunningListener& operator=(const RunningListener&) = delete;

  std::uint16_t port() const { return listener_.port(); }
  net::Listener& listener() { return listener_; }
  net::Shards& shards() { return shards_; }

  // True when every connection ended by itself within the grace.
  bool stop(std::chrono::milliseconds grace) {
    listener_.stop_accepting();
    const net::Deadline deadline = std::chrono::steady_clock::now() + grace;
    return run(listener_.wait_for_connections(deadline));
  }
  template <class T>
  T run(Task<T> task) {
    return asio::co_spawn(shards_.executor(0), std::move(task), asio::use_future).get();
  }

 private:
  net::Shards shards_;
  net::Listener listener_;
};

}  // namespace mcp::test
