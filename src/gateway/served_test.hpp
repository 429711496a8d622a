// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// The surroundings of the session tests: the real gateway over real sockets, services, ledger and PostgreSQL.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "channels/membership_service.hpp"
#include "crypto/digest.hpp"
#include "crypto/password.hpp"
#include "crypto/token.hpp"
#include "gateway/gateway.hpp"
#include "identity/session_service.hpp"
#include "messages/message_service.hpp"
#include "net/socket_stream.hpp"
#include "support/chat.hpp"
#include "support/socket_client.hpp"

namespace mcp::gateway {

// A client that speaks WebSocket by hand, so that it can also speak it badly.
class Peer {
 public:
  struct Received {
    int opcode = 0;  // 0: the connection has ended
    std::string payload;
  };

  explicit Peer(std::uint16_t port) : socket_(port) {
    std::string answer;
    while (!answer.ends_with("\r\n\r\n")) {
      const std::string byte = socket_.receive(1);
      if (byte.empty()) throw std::runtime_error("no answer to the upgrade");
      answer += byte;
    }
    EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 101 "));
  }

  static std::string frame(int opcode, std::string_view payload, bool is_final = true) {
    std::string bytes{static_cast<char>((is_final ? 0x80 : 0) | opcode)};
    const std::size_t size = payload.size();
    if (size < 126) {
      bytes.push_back(static_cast<char>(0x80 | size));
    } else if (size < 65536) {
      bytes += "\xFE";
      for (const int shift : {8, 0}) bytes.push_back(static_cast<char>(size >> shift));
    } else {
      bytes += "\xFF";
      for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(size >> shift));
    }
    constexpr char mask[] = {0x37, 0x21, 0x5A, 0x03};
    bytes.append(mask, 4);
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
    return bytes;
  }

  void say(std::string_view json) { socket_.send(frame(1, json)); }
  void send_bytes(std::string_view bytes) { socket_.send(bytes); }

  Received receive() {
    const std::string header = socket_.receive_exactly(2);
    if (header.size() < 2) return {};
    auto size = static_cast<std::size_t>(static_cast<std::uint8_t>(header[1]));
    if (size >= 126) {
      const std::string extended = socket_.receive_exactly(size == 126 ? 2 : 8);
      size = 0;
      for (const char byte : extended) size = (size << 8) | static_cast<std::uint8_t>(byte);
    }
    return {.opcode = header[0] & 0x0F, .payload = size == 0 ? "" : socket_.receive_exactly(size)};
  }
  // The next text frame.
  std::string hear() {
    const Received received = receive();
    EXPECT_EQ(received.opcode, 1) << received.payload;
    return received.payload;
  }
  std::string ask(std::string_view json) {
    say(json);
    return hear();
  }
  // Reads on until the close frame: "1008 authentication timeout".
  std::string hear_close() {
    for (;;) {
      const Received received = receive();
      if (received.opcode == 0) return "no close frame";
      if (received.opcode != 8) continue;
      if (received.payload.size() < 2) return "no code";
      const int code =
          (static_cast<std::uint8_t>(received.payload[0]) << 8) | static_cast<std::uint8_t>(received.payload[1]);
      return fmt::format("{} {}", code, received.payload.substr(2));
    }
  }
  bool has_ended() { return socket_.has_ended(); }
  test::SocketClient& socket() { return socket_; }

 private:
  test::SocketClient socket_;
};

// The value of a member of flat JSON text, with its quotes.
inline std::string member(const std::string& json, const std::string& name) {
  const auto at = json.find("\"" + name + "\":");
  if (at == std::string::npos) return "missing";
  const auto from = at + name.size() + 3;
  return json.substr(from, json.find_first_of(",}", from) - from);
}

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() { settings.epoch = "e1"; }

  void SetUp() override {
    settings.clock = [this] { return system_now() + std::chrono::milliseconds(clock_offset_ms.load()); };
    settings.classify_fault = [](const std::exception_ptr&) {
      http::FaultReport report;
      report.error = {.code = ErrorCode::unavailable, .message = "Service unavailable", .fields = {}};
      return report;
    };
    gateway = std::make_unique<Gateway>(std::vector{chat.loop.executor()},
                                        Services{sessions, memberships, messages, chat.hub, chat.ledger}, settings);
    on_loop([this] { gateway->start(); });
  }

  ~GatewayTest() override {
    if (!gateway) return;
    gateway->shut_down();
    on_loop([] {});
    while (connections.load() > 0) on_loop([] {});
    asio::co_spawn(chat.loop.context(), gateway->stop(), asio::use_future).get();
    chat.loop.context().stop();  // the pool and the ledger go on until the chat ends them
    thread.join();
  }

  // On the thread of the sessions, behind everything that was posted to it.
  template <class Act>
  void on_loop(Act act) {
    std::promise<void> done;
    asio::post(chat.loop.context(), [&] {
      act();
      done.set_value();
    });
    done.get_future().wait();
  }

  // A connection, upgraded by the gateway. `send_buffer` bounds what the kernel takes from the server.
  Peer connect(int send_buffer = 0) {
    auto accepting = std::async(std::launch::async, [&] {
      net::Socket socket(chat.loop.executor());
      acceptor.accept(socket);
      return socket;
    });
    auto peer = std::async(std::launch::async, [&] { return Peer(acceptor.local_endpoint().port()); });
    auto socket = std::make_shared<net::Socket>(accepting.get());
    socket->non_blocking(true);
    if (send_buffer > 0) socket->set_option(asio::socket_base::send_buffer_size(send_buffer));
    asio::post(chat.loop.context(), [this, socket] {
      auto stream = std::make_unique<net::SocketStream>(std::move(*socket), "192.0.2.7", 0, streams);
      http::Upgrade upgrade;
      upgrade.request.origin = {.ip_address = "192.0.2.7", .user_agent = "test", .request_id = "r"};
      upgrade.websocket_key = "dGhlIHNhbXBsZSBub25jZQ==";
      ++connections;
      asio::co_spawn(chat.loop.context(), gateway->serve(std::move(stream), std::move(upgrade)),
                     [this](const std::exception_ptr& fault) {
                       EXPECT_FALSE(fault);
                       --connections;
                     });
    });
    return peer.get();
  }

  // A token of the person's session.
  std::string token(const Actor& person) {
    const auto now = std::chrono::floor<std::chrono::seconds>(system_now());
    const Secret signed_token = signer.sign({.subject = person.user,
                                             .session = person.session,
                                             .role = person.role_name,
                                             .issued_at = now,
                                             .expires_at = now + std::chrono::hours(24),
                                             .token_id = Uuid::v4()});
    std::string text(signed_token.reveal());
    chat.change(fmt::format("UPDATE sessions SET token_hash = '{}' WHERE id = '{}'", crypto::sha256_hex(text),
                            person.session.text()));
    return text;
  }
  std::string authenticate_frame(const Actor& person) {
    return fmt::format(R"({{"type":"authenticate","token":"{}"}})", token(person));
  }
  Peer authenticated(const Actor& person) {
    Peer peer = connect();
    const std::string answer = peer.ask(authenticate_frame(person));
    EXPECT_EQ(member(answer, "success"), "true") << answer;
    return peer;
  }
  Peer joined(const Actor& person, ChannelId channel) {
    Peer peer = authenticated(person);
    EXPECT_EQ(member(peer.ask(join_frame(channel)), "type"), "\"channel_joined\"");
    return peer;
  }
  static std::string join_frame(ChannelId channel, std::string_view more = "") {
    return fmt::format(R"({{"type":"join_channel","channelId":"{}"{}}})", channel.text(), more);
  }
  static std::string leave_frame(ChannelId channel) {
    return fmt::format(R"({{"type":"leave_channel","channelId":"{}","requestId":"leave"}})", channel.text());
  }
  static std::string send_frame(ChannelId channel, std::string_view text, std::string_view key = "") {
    const std::string id = key.empty() ? "" : fmt::format(R"(,"clientMessageId":"{}","requestId":"{}")", key, key);
    return fmt::format(R"({{"type":"send_message","channelId":"{}","text":"{}"{}}})", channel.text(), text, id);
  }
  // Waits for what nobody can await: an entry written without anybody waiting for it.
  void expect_eventually(const std::string& query, std::int64_t value) {
    const auto deadline = std::chrono::steady_clock::now() + test::SocketClient::patience();
    while (chat.number(query) != value && std::chrono::steady_clock::now() < deadline) on_loop([] {});
    EXPECT_EQ(chat.number(query), value) << query;
  }

  test::Chat chat;
  std::atomic<std::int64_t> clock_offset_ms{0};
  std::atomic<int> connections{0};
  crypto::PasswordHasher hasher{{.memory_kib = 8, .time = 1}, 1};
  crypto::TokenSigner signer{Secret("a secret of the test, long enough for HS256"), std::nullopt};
  identity::SessionService sessions{chat.pool, chat.ledger, hasher, signer, chat.hub, identity::SessionSettings{},
                                    system_now};
  channels::MembershipService memberships{chat.ledger, chat.hub};
  messages::MessageService messages{chat.pool, chat.ledger, chat.keys, chat.hub, {}};
  std::shared_ptr<net::OpenStreams> streams = std::make_shared<net::OpenStreams>();
  asio::io_context accepting_context;
  asio::ip::tcp::acceptor acceptor{accepting_context, {asio::ip::address_v4::loopback(), 0}};
  Settings settings;
  std::unique_ptr<Gateway> gateway;

  Actor amara = chat.person("amara");
  Actor bo = chat.person("bo-2");
  ChannelId ward = chat.channel("Ward 4", "private", {amara, bo});
  ChannelId open_ward = chat.channel("Open ward", "public", {amara});

 private:
  asio::executor_work_guard<Executor> work{chat.loop.executor()};
  std::thread thread{[this] {
    chat.loop.context().restart();
    chat.loop.context().run();
  }};
};

}  // namespace mcp::gateway
