// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the server's door: it stays usable when descriptors run out, and it closes without losing who stands in it.
#include "net/listener.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "support/running_listener.hpp"
#include "support/socket_client.hpp"

namespace mcp::net {
namespace {

using namespace std::chrono_literals;
using test::RunningListener;
using test::SocketClient;

Deadline soon() { return std::chrono::steady_clock::now() + 20s; }

void write_text(Stream& stream, std::string text) {
  const iovec piece{.iov_base = text.data(), .iov_len = text.size()};
  stream.try_write({&piece, 1});
}

// Greets, then stays until the client ends.
Task<> greet(std::unique_ptr<Stream> stream) {
  write_text(*stream, "hello");
  co_await stream->wait_readable(soon());
}

TEST(Listener, ServesOnEveryShard) {
  std::array<std::atomic<int>, 4> served{};
  RunningListener server(
      [&](std::unique_ptr<Stream> stream) {
        ++served.at(stream->shard());
        return greet(std::move(stream));
      },
      nullptr, served.size());
  for (int i = 0; i < 200; ++i) EXPECT_EQ(SocketClient(server.port()).receive(), "hello");
  for (const auto& count : served) EXPECT_GT(count.load(), 0) << "a shard was left out of 200 connections";
}

TEST(Listener, ShowsAnIpv4PeerAsIpv4) {
  RunningListener server(
      [](std::unique_ptr<Stream> stream) -> Task<> {
        write_text(*stream, stream->peer_address());
        co_await stream->wait_readable(soon());
      },
      nullptr, 1, "::");
  EXPECT_EQ(SocketClient(server.port(), "127.0.0.1").receive(), "127.0.0.1");
  EXPECT_EQ(SocketClient(server.port(), "::1").receive(), "::1");
}

TEST(Listener, TakesANameForItsHost) {
  RunningListener server(greet, nullptr, 1, "localhost");
  EXPECT_EQ(SocketClient(server.port(), "127.0.0.1").receive(), "hello");
  Shards shards(1);
  EXPECT_THROW(Listener(shards, "no-such-host.invalid", 0, nullptr, greet), std::system_error);
}

TEST(Listener, RefusesAPortThatAnotherServerOfTheSameUserHas) {
  // SO_REUSEPORT alone would let both share it, each getting half of the connections.
  RunningListener first(greet);
  Shards shards(1);
  try {
    Listener second(shards, "127.0.0.1", first.port(), nullptr, greet);
    FAIL() << "two servers share port " << first.port();
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::address_in_use);
  }
}

TEST(Listener, CanTakeThePortOfAServerThatHasJustEnded) {
  std::uint16_t port = 0;
  {
    RunningListener first(greet);
    port = first.port();
    EXPECT_EQ(SocketClient(port).receive(), "hello");  // leaves a connection in TIME_WAIT
  }
  Shards shards(1);
  EXPECT_NO_THROW(Listener(shards, "127.0.0.1", port, nullptr, greet));
}

TEST(Listener, ServesWhoWaitsInTheQueueBeforeItCloses) {
  std::promise<void> is_busy;
  std::promise<void> go_on;
  auto may_go_on = go_on.get_future().share();
  std::atomic<bool> is_first{true};
  RunningListener server(
      [&](std::unique_ptr<Stream> stream) {
        if (is_first.exchange(false)) {
          is_busy.set_value();
          may_go_on.wait();  // blocks the only shard: nobody accepts meanwhile
        }
        return greet(std::move(stream));
      },
      nullptr, 1);
  SocketClient first(server.port());
  is_busy.get_future().wait();
  SocketClient waiting(server.port());
  server.listener().stop_accepting();
  go_on.set_value();
  EXPECT_EQ(first.receive(), "hello");
  EXPECT_EQ(waiting.receive(), "hello");
  first.shut_down_sending();
  waiting.shut_down_sending();
  EXPECT_TRUE(server.stop(10s));
  EXPECT_THROW(SocketClient(server.port()), std::runtime_error) << "the port is still open";
}

Task<> stay_for_ever(std::unique_ptr<Stream> stream, std::promise<IoStatus>* ended_by) {
  write_text(*stream, "hello");
  const IoStatus status = co_await stream->wait_readable(Deadline::max());
  ended_by->set_value(status);
}

TEST(Listener, CutsAtTheDeadlineWhoDoesNotEnd) {
  std::promise<IoStatus> seen;
  RunningListener server([&](std::unique_ptr<Stream> stream) { return stay_for_ever(std::move(stream), &seen); });
  SocketClient client(server.port());
  ASSERT_EQ(client.receive(), "hello");
  EXPECT_EQ(server.listener().connections(), 1U);
  EXPECT_FALSE(server.stop(50ms));
  EXPECT_EQ(seen.get_future().get(), IoStatus::failed);
  EXPECT_TRUE(client.has_ended());
  EXPECT_EQ(server.listener().connections(), 0U);
}

Task<> break_down(std::unique_ptr<Stream> stream) {
  if (stream) throw std::runtime_error("a bug");
  co_return;
}

TEST(Listener, SurvivesAHandlerThatThrows) {
  std::atomic<bool> is_first{true};
  RunningListener server([&](std::unique_ptr<Stream> stream) {
    return is_first.exchange(false) ? break_down(std::move(stream)) : greet(std::move(stream));
  });
  EXPECT_TRUE(SocketClient(server.port()).has_ended());
  EXPECT_EQ(SocketClient(server.port()).receive(), "hello");
}

TEST(Listener, SurvivesAConnectionThatCannotBegin) {
  // Without memory the stream or the task is not made. The accept loop must go on, and a stop must not wait for it.
  std::atomic<bool> is_first{true};
  RunningListener server(
      [&](std::unique_ptr<Stream> stream) {
        if (is_first.exchange(false)) throw std::bad_alloc();
        return greet(std::move(stream));
      },
      nullptr, 1);
  EXPECT_TRUE(SocketClient(server.port()).has_ended());
  EXPECT_EQ(SocketClient(server.port()).receive(), "hello");
  EXPECT_EQ(server.listener().refused_connections(), 1U);  // counted before the next one is accepted
  EXPECT_TRUE(server.stop(10s));
  EXPECT_EQ(server.listener().connections(), 0U);
}

TEST(Listener, ClosesNewcomersAtOnceBeyondItsOwnLimitAndServesAgainAfterwards) {
  RunningListener server(greet, nullptr, 1, "127.0.0.1", {.connections_max = 3});
  std::vector<SocketClient> clients;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(clients.emplace_back(server.port()).receive(), "hello");
  EXPECT_TRUE(SocketClient(server.port()).has_ended());
  EXPECT_EQ(server.listener().refused_connections(), 1U);
  EXPECT_EQ(server.listener().connections(), 3U);
  clients.clear();
  std::string answer = SocketClient(server.port()).receive();
  while (answer.empty()) answer = SocketClient(server.port()).receive();  // until it has noticed the ends
  EXPECT_EQ(answer, "hello");
}

// Sets the soft limit of descriptors for as long as it lives.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t limit) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lowered = before_;
    lowered.rlim_cur = limit;
    setrlimit(RLIMIT_NOFILE, &lowered);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

int next_descriptor() {
  const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(descriptor);
  return descriptor;
}

TEST(Listener, ClosesNewcomersAtOnceWhileDescriptorsAreUsedUpAndServesAgainAfterwards) {
  // Without the reserve accept4 fails, the queue stays full, and clients hang instead of going elsewhere.
  RunningListener server(greet, nullptr, 1);
  std::vector<SocketClient> clients(40);  // their descriptors exist before the limit falls
  const DescriptorLimit limit(static_cast<rlim_t>(next_descriptor()) + 10);
  std::size_t served = 0;
  for (SocketClient& client : clients) {
    client.connect(server.port());
    served += client.receive() == "hello" ? 1 : 0;  // else: ended at once
  }
  EXPECT_EQ(served, 10U);
  EXPECT_GE(server.listener().refused_connections(), 30U);
  clients.clear();
  std::vector<SocketClient> later(1);
  later[0].connect(server.port());
  // The closed ones give their descriptors back as the server notices.
  std::string answer = later[0].receive();
  while (answer.empty()) {
    SocketClient again(server.port());
    answer = again.receive();
  }
  EXPECT_EQ(answer, "hello");
}

TEST(Listener, LeavesDescriptorsForTheDatabaseAndTheLogs) {
  // The clients' descriptors are moved above the limit, so that those below are the server's alone.
  const int base = next_descriptor();
  std::vector<int> places(200);
  for (int& place : places) place = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  std::vector<SocketClient> clients(190);
  for (const int place : places) ::close(place);
  const auto all = static_cast<rlim_t>(base) + 200;
  const DescriptorLimit limit(all);
  RunningListener server(greet, nullptr, 1);
  std::size_t served = 0;
  for (SocketClient& client : clients) {
    client.connect(server.port());
    served += client.receive() == "hello" ? 1 : 0;
  }
  EXPECT_EQ(served, all - all / 4);
  EXPECT_EQ(server.listener().refused_connections(), clients.size() - served);
  EXPECT_GE(next_descriptor(), 0) << "nothing is left";
  for (SocketClient& client : clients) client.shut_down_sending();
}

}  // namespace
}  // namespace mcp::net
