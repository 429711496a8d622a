// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects what sessions rely on when they move bytes, over plain TCP and over TLS alike: nothing lost, doubled or
// reordered under back-pressure, and waits that end when they should and only then.
#include "net/stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/tls.hpp"
#include "support/certificate.hpp"
#include "support/running_listener.hpp"
#include "support/socket_client.hpp"

namespace mcp::net {
namespace {

using namespace std::chrono_literals;
using test::RunningListener;
using test::SocketClient;

Deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }
Deadline soon() { return in(20s); }

enum class Transport : std::uint8_t { plain, tls };

class StreamTest : public testing::TestWithParam<Transport> {
 protected:
  static std::shared_ptr<Tls> tls() {
    if (GetParam() == Transport::plain) return nullptr;
    static const test::TemporaryFolder folder;
    static const std::shared_ptr<Tls> loaded = [] {
      test::make_certificate("stream", folder.path("cert.pem"), folder.path("key.pem"));
      return Tls::load(folder.path("cert.pem"), folder.path("key.pem"));
    }();
    return loaded;
  }
  static SocketClient connect(const RunningListener& server, int receive_buffer = 0) {
    SocketClient client;
    if (receive_buffer > 0) client.set_receive_buffer(receive_buffer);
    client.connect(server.port());
    if (GetParam() == Transport::tls) EXPECT_TRUE(client.start_tls());
    return client;
  }
};

INSTANTIATE_TEST_SUITE_P(, StreamTest, testing::Values(Transport::plain, Transport::tls),
                         [](const auto& info) { return info.param == Transport::plain ? "Plain" : "Tls"; });

// Reads until `bytes` have come or the stream ends. `at_once`: size of the read buffer.
Task<std::string> read_bytes(Stream* stream, std::size_t bytes, std::size_t at_once) {
  std::string all;
  std::vector<std::uint8_t> space(at_once);
  while (all.size() < bytes) {
    const IoResult got = stream->try_read(space);
    if (got.status == IoStatus::done) {
      all.append(space.begin(), space.begin() + static_cast<std::ptrdiff_t>(got.bytes));
    } else if (got.status == IoStatus::would_block) {
      if (co_await stream->wait_readable(soon()) != IoStatus::done) break;
    } else {
      break;
    }
  }
  co_return all;
}

Task<bool> write_bytes(Stream* stream, std::string bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const std::array<iovec, 1> piece{iovec{.iov_base = bytes.data() + written, .iov_len = bytes.size() - written}};
    const IoResult result = stream->try_write(piece);
    written += result.bytes;
    if (result.status == IoStatus::would_block) {
      if (co_await stream->wait_writable(soon()) != IoStatus::done) co_return false;
    } else if (result.status != IoStatus::done) {
      co_return false;
    }
  }
  co_return true;
}

std::string pattern(std::size_t bytes) {
  std::string text(bytes, '\0');
  std::uint32_t state = 1;
  for (char& c : text) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return text;
}

Task<> echo(std::unique_ptr<Stream> stream) {
  for (;;) {
    std::string piece = co_await read_bytes(stream.get(), 1, 5000);
    if (piece.empty()) break;
    if (!co_await write_bytes(stream.get(), std::move(piece))) break;
  }
  stream->shutdown_write();
}

TEST_P(StreamTest, CarriesMuchMoreThanTheSocketHoldsBothWays) {
  RunningListener server(echo, tls());
  SocketClient client = connect(server);
  const std::string sent = pattern(8 << 20);
  // The client does not read while it writes: the server must stop and go on under back-pressure.
  auto sending =
      std::async(std::launch::async, [&] { return GetParam() == Transport::plain ? client.send(sent) : true; });
  std::string received;
  if (GetParam() == Transport::plain) {
    received = client.receive_exactly(sent.size());
  } else {  // OpenSSL's client is not for two threads
    for (std::size_t i = 0; i < sent.size(); i += 100'000) {
      const std::string piece = sent.substr(i, 100'000);
      ASSERT_TRUE(client.send(piece));
      received += client.receive_exactly(piece.size());
    }
  }
  EXPECT_TRUE(sending.get());
  EXPECT_TRUE(received == sent);
}

TEST_P(StreamTest, ReadsARecordInPiecesWithoutWaitingForMoreFromTheSocket) {
  // TLS decrypts a whole record although the caller takes a part: the rest is in memory, where no socket event tells of
  // it.
  RunningListener server(
      [](std::unique_ptr<Stream> stream) -> Task<> {
        std::string all;
        std::array<std::uint8_t, 100> space{};
        while (all.size() < 3000 && co_await stream->wait_readable(soon()) == IoStatus::done) {
          const IoResult got = stream->try_read(space);  // once for each wait
          if (got.status != IoStatus::done && got.status != IoStatus::would_block) break;
          all.append(space.begin(), space.begin() + got.bytes);
        }
        co_await write_bytes(stream.get(), std::to_string(all.size()));
      },
      tls());
  SocketClient client = connect(server);
  ASSERT_TRUE(client.send(pattern(3000)));
  EXPECT_EQ(client.receive(), "3000");
}

// What an outbox does: takes back what has not begun to leave, and queues something else instead.
struct Shuffler {
  static constexpr std::size_t frames = 20000;  // about 30 MB, more than any socket buffer
  static std::string frame(std::size_t number) {
    std::string text = std::to_string(number) + ":" + std::string(number % 3000, static_cast<char>('a' + number % 26));
    return std::to_string(text.size()) + " " + text;
  }
};

Task<> send_shuffling(std::unique_ptr<Stream> stream, std::promise<void>* is_full) {
  std::vector<std::string> queue;
  std::size_t sent_of_first = 0;
  std::size_t next = 0;
  while (next < Shuffler::frames || !queue.empty()) {
    while (queue.size() < 20 && next < Shuffler::frames) queue.push_back(Shuffler::frame(next++));
    std::vector<iovec> pieces;
    for (std::string& text : queue) pieces.push_back({.iov_base = text.data(), .iov_len = text.size()});
    pieces[0].iov_base = queue[0].data() + sent_of_first;
    pieces[0].iov_len -= sent_of_first;
    const IoResult result = stream->try_write(pieces);
    std::size_t left = result.bytes + sent_of_first;
    while (!queue.empty() && left >= queue.front().size()) {
      left -= queue.front().size();
      queue.erase(queue.begin());
    }
    sent_of_first = left;
    if (result.status == IoStatus::would_block) {
      if (is_full != nullptr) is_full->set_value();
      is_full = nullptr;
      queue.resize(sent_of_first > 0 ? 1 : 0);  // the rest is dropped; other frames take its place
      if (co_await stream->wait_writable(soon()) != IoStatus::done) break;
    } else if (result.status != IoStatus::done) {
      break;
    }
  }
  stream->shutdown_write();
  co_await stream->wait_readable(soon());  // for the client's end
}

TEST_P(StreamTest, LetsTheCallerDropWhatHasNotBegunToLeave) {
  std::promise<void> is_full;
  RunningListener server([&](std::unique_ptr<Stream> stream) { return send_shuffling(std::move(stream), &is_full); },
                         tls());
  SocketClient client = connect(server, 4096);
  is_full.get_future().wait();  // only then it reads: the socket fills however fast the client is
  std::string received;
  for (std::string more = client.receive(777); !more.empty(); more = client.receive(777)) received += more;
  std::size_t frames = 0;
  std::optional<std::size_t> last;
  std::string_view rest = received;
  while (!rest.empty()) {
    const std::size_t length = std::stoul(std::string(rest.substr(0, rest.find(' '))));
    rest.remove_prefix(rest.find(' ') + 1);
    ASSERT_GE(rest.size(), length);
    const std::size_t number = std::stoul(std::string(rest.substr(0, rest.find(':'))));
    const std::string whole = Shuffler::frame(number);
    ASSERT_EQ(rest.substr(0, length), std::string_view(whole).substr(whole.find(' ') + 1))
        << "after " << frames << " frames";
    if (last) ASSERT_GT(number, *last);
    last = number;
    rest.remove_prefix(length);
    ++frames;
  }
  EXPECT_GT(frames, 20U);
  EXPECT_LT(frames, Shuffler::frames) << "the socket never filled: the test shows nothing";
}

// What a wait ended with.
using Outcome = std::promise<IoStatus>;

Task<> wait_readable(Stream* stream, Deadline deadline, Outcome* outcome) {
  outcome->set_value(co_await stream->wait_readable(deadline));
}

Task<> wait_writable(Stream* stream, Deadline deadline, Outcome* outcome) {
  outcome->set_value(co_await stream->wait_writable(deadline));
}

void begin(Stream& stream, Task<> task) {
  asio::co_spawn(stream.executor(), std::move(task), [](const std::exception_ptr& fault) { EXPECT_FALSE(fault); });
}

void fill(Stream& stream) {  // until the socket takes no more, so that a writer has to wait
  std::string bytes(1 << 16, 'x');
  const std::array<iovec, 1> piece{iovec{.iov_base = bytes.data(), .iov_len = bytes.size()}};
  while (stream.try_write(piece).status == IoStatus::done) {
  }
}

Task<> wait_both_ways(std::unique_ptr<Stream> stream, Outcome* reader, Outcome* writer) {
  fill(*stream);
  begin(*stream, wait_writable(stream.get(), Deadline::max(), writer));
  const IoStatus timed = co_await stream->wait_readable(in(50ms));
  reader->set_value(timed);
  co_await stream->wait_readable(soon());  // the client's end
}

TEST_P(StreamTest, EndsAWaitAtItsDeadlineAndNotTheOtherOne) {
  Outcome reader;
  Outcome writer;
  RunningListener server(
      [&](std::unique_ptr<Stream> stream) { return wait_both_ways(std::move(stream), &reader, &writer); }, tls());
  SocketClient client = connect(server, 4096);
  EXPECT_EQ(reader.get_future().get(), IoStatus::timed_out);
  auto other = writer.get_future();
  EXPECT_EQ(other.wait_for(0s), std::future_status::timeout) << "the writer's wait ended with the reader's";
  while (other.wait_for(0s) == std::future_status::timeout) client.receive();
  EXPECT_EQ(other.get(), IoStatus::done);
}

Task<> cancel_and_go_on(std::unique_ptr<Stream> stream, Outcome* reader, Outcome* writer,
                        std::promise<std::string>* after) {
  fill(*stream);
  begin(*stream, wait_readable(stream.get(), Deadline::max(), reader));
  begin(*stream, wait_writable(stream.get(), soon(), writer));
  co_await asio::post(stream->executor(), use_task);  // both wait now
  stream->cancel();
  co_await asio::post(stream->executor(), use_task);  // both have ended
  const std::string received = co_await read_bytes(stream.get(), 4, 10);
  after->set_value(received);
}

TEST_P(StreamTest, CancelEndsBothWaitsAndTheStreamStaysUsable) {
  Outcome reader;
  Outcome writer;
  std::promise<std::string> after;
  RunningListener server(
      [&](std::unique_ptr<Stream> stream) { return cancel_and_go_on(std::move(stream), &reader, &writer, &after); },
      tls());
  SocketClient client = connect(server, 4096);
  EXPECT_EQ(reader.get_future().get(), IoStatus::failed);
  EXPECT_EQ(writer.get_future().get(), IoStatus::failed);
  ASSERT_TRUE(client.send("ping"));
  EXPECT_EQ(after.get_future().get(), "ping");
}

using Outcomes = std::array<IoStatus, 3>;

Task<> close_under_a_wait(std::unique_ptr<Stream> stream, std::promise<Outcomes>* outcome) {
  std::array<std::uint8_t, 8> space{};
  asio::post(stream->executor(), [closing = stream.get()] { closing->close(); });
  const IoStatus waited = co_await stream->wait_readable(Deadline::max());
  stream->close();
  const std::array<iovec, 1> piece{iovec{.iov_base = space.data(), .iov_len = 1}};
  const IoStatus again = co_await stream->wait_writable(Deadline::max());
  EXPECT_EQ(again, IoStatus::failed);
  outcome->set_value({waited, stream->try_read(space).status, stream->try_write(piece).status});
}

TEST_P(StreamTest, CloseEndsEverything) {
  std::promise<Outcomes> outcome;
  RunningListener server(
      [&](std::unique_ptr<Stream> stream) { return close_under_a_wait(std::move(stream), &outcome); }, tls());
  SocketClient client = connect(server);
  const Outcomes failed{IoStatus::failed, IoStatus::failed, IoStatus::failed};
  EXPECT_EQ(outcome.get_future().get(), failed);
  EXPECT_TRUE(client.has_ended());
}

Task<> read_to_the_end(std::unique_ptr<Stream> stream, Outcome* outcome) {
  IoResult last{.status = IoStatus::would_block, .bytes = 0};
  std::array<std::uint8_t, 8> space{};
  while (last.status == IoStatus::would_block || last.status == IoStatus::done) {
    if (last.status == IoStatus::would_block && co_await stream->wait_readable(soon()) != IoStatus::done) break;
    last = stream->try_read(space);
  }
  outcome->set_value(last.status);
}

TEST_P(StreamTest, TellsAResetFromAnEnd) {
  for (const bool is_reset : {true, false}) {
    Outcome outcome;
    RunningListener server([&](std::unique_ptr<Stream> stream) { return read_to_the_end(std::move(stream), &outcome); },
                           tls());
    SocketClient client = connect(server);
    ASSERT_TRUE(client.send("x"));
    is_reset ? client.reset() : client.end();
    EXPECT_EQ(outcome.get_future().get(), is_reset ? IoStatus::failed : IoStatus::end_of_stream);
  }
}

Task<> say_bye_and_listen(std::unique_ptr<Stream> stream, std::promise<std::string>* after_end) {
  co_await write_bytes(stream.get(), "bye");
  stream->shutdown_write();
  const std::string heard = co_await read_bytes(stream.get(), 4, 10);
  after_end->set_value(heard);
}

TEST_P(StreamTest, EndsOrderlySoThatTheClientCanStillBeRead) {
  std::promise<std::string> after_end;
  RunningListener server(
      [&](std::unique_ptr<Stream> stream) { return say_bye_and_listen(std::move(stream), &after_end); }, tls());
  SocketClient client = connect(server);
  EXPECT_EQ(client.receive_to_end(), "bye");
  ASSERT_TRUE(client.send("last"));
  EXPECT_EQ(after_end.get_future().get(), "last");
}

}  // namespace
}  // namespace mcp::net
