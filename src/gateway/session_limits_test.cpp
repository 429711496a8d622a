// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the server from its clients, and clients from a server that fails: deadlines, rates, places, slow readers,
// faults of the database, ended sessions and the going down.
#include "gateway/served_test.hpp"

namespace mcp::gateway {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class HurriedGatewayTest : public GatewayTest {
 protected:
  HurriedGatewayTest() { settings.authentication_timeout = 1ms; }
};

TEST_F(HurriedGatewayTest, WhoDoesNotAuthenticateInTimeIsClosed) {
  Peer peer = connect();
  EXPECT_EQ(peer.hear_close(), "1008 authentication timeout");
}

class QuietGatewayTest : public GatewayTest {
 protected:
  QuietGatewayTest() {
    settings.heartbeat_interval = 1ms;
    settings.idle_timeout = 1500ms;
  }
};

TEST_F(QuietGatewayTest, IdleClientsArePingedAndThenClosed) {
  Peer peer = authenticated(amara);
  EXPECT_EQ(peer.receive().opcode, 9);
  EXPECT_EQ(peer.hear_close(), "1001 idle timeout");
}

TEST_F(QuietGatewayTest, APongCountsAsLife) {
  Peer peer = authenticated(amara);
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < 3s) {
    ASSERT_EQ(peer.receive().opcode, 9);
    peer.send_bytes(Peer::frame(10, ""));
  }
}

class SlowRateGatewayTest : public GatewayTest {
 protected:
  SlowRateGatewayTest() {
    settings.rate_per_second = 1;
    settings.rate_burst = 3;
  }
};

TEST_F(SlowRateGatewayTest, FramesAboveTheRateAreRefusedAndHeartbeatsAreNotCounted) {
  Peer peer = authenticated(amara);  // takes the first of three
  peer.send_bytes(Peer::frame(1, send_frame(ward, "1", "k1")) + Peer::frame(1, send_frame(ward, "2", "k2")) +
                  Peer::frame(1, send_frame(ward, "3", "k3")) + Peer::frame(1, R"({"type":"ping","requestId":"p"})"));
  std::map<std::string, std::string> answers;
  for (int i = 0; i < 4; ++i) {
    const std::string answer = peer.hear();
    answers[member(answer, "requestId")] = answer;
  }
  EXPECT_THAT(answers["\"k1\""], HasSubstr("message_ack"));
  EXPECT_THAT(answers["\"k2\""], HasSubstr("message_ack"));
  EXPECT_THAT(answers["\"k3\""], AllOf(HasSubstr("RATE_LIMITED"), HasSubstr("retryAfterMs")));
  EXPECT_THAT(answers["\"p\""], HasSubstr("pong"));
  EXPECT_EQ(chat.number("SELECT count(*) FROM messages"), 2);
}

TEST_F(SlowRateGatewayTest, AFloodEndsTheConnection) {
  Peer peer = authenticated(amara);
  std::string flood;
  for (int i = 0; i < 230; ++i) flood += Peer::frame(1, R"({"type":"heartbeat"})");
  peer.send_bytes(flood);
  EXPECT_EQ(peer.hear_close(), "1008 rate limit");
  Peer pinging = authenticated(bo);
  flood.clear();
  for (int i = 0; i < 230; ++i) flood += Peer::frame(9, "");
  pinging.send_bytes(flood);
  EXPECT_EQ(pinging.hear_close(), "1008 rate limit");
}

TEST_F(GatewayTest, TenProtocolErrorsEndTheConnection) {
  Peer peer = authenticated(amara);
  for (int i = 0; i < 9; ++i) {
    EXPECT_THAT(peer.ask(i % 2 == 0 ? "{}" : R"({"type":"edit_message"})"),
                HasSubstr(i % 2 == 0 ? "BAD_REQUEST" : "UNKNOWN_TYPE"));
    EXPECT_THAT(peer.ask(R"({"type":"send_message"})"), HasSubstr("VALIDATION_FAILED"))
        << "a wrong field is no such error";
  }
  EXPECT_THAT(peer.ask("{}"), HasSubstr("BAD_REQUEST"));
  EXPECT_EQ(peer.hear_close(), "1008 protocol violations");
}

class SmallGatewayTest : public GatewayTest {
 protected:
  SmallGatewayTest() {
    settings.admission = {.connections_max = 3, .connections_per_user_max = 2, .unauthenticated_per_address_max = 2};
  }

  Result<> admit() {
    http::Request request;
    request.origin.ip_address = "192.0.2.7";
    return gateway->admit_upgrade(request);
  }
};

TEST_F(SmallGatewayTest, PlacesAreCountedPerUserAddressAndInAll) {
  Peer first = authenticated(amara);
  Peer second = authenticated(amara);
  Peer third = connect();
  third.say(authenticate_frame(amara));
  EXPECT_EQ(third.hear_close(), "1008 too many connections");
  Peer fourth = authenticated(bo);
  Peer fifth = connect();
  EXPECT_EQ(fifth.hear_close(), "1013 server at capacity");
  fourth.send_bytes(Peer::frame(8, ""));
  fourth.hear_close();
  EXPECT_TRUE(fourth.has_ended());
  fourth.socket().shut_down_sending();
  while (gateway->stats().authenticated > 2) on_loop([] {});
  Peer sixth = authenticated(bo);
  third.socket().reset();
  fifth.socket().reset();
  while (gateway->stats().unauthenticated > 0) on_loop([] {});
  EXPECT_TRUE(admit());
}

TEST_F(SmallGatewayTest, UnauthenticatedConnectionsOfOneAddressAreBounded) {
  Peer first = connect();
  EXPECT_TRUE(admit());
  Peer second = connect();
  while (gateway->stats().unauthenticated < 2) on_loop([] {});
  EXPECT_EQ(admit().error().code, ErrorCode::rate_limited);
  EXPECT_THAT(first.ask(authenticate_frame(amara)), HasSubstr("\"success\":true"));
  EXPECT_TRUE(admit());
}

class NarrowGatewayTest : public GatewayTest {
 protected:
  NarrowGatewayTest() {
    settings.send_queue_bytes = 64 * 1024;
    settings.rate_burst = 5000;
  }
};

TEST_F(NarrowGatewayTest, ASlowReaderIsClosedAndHoldsNobodyUp) {
  Peer slow = connect(4096);
  EXPECT_THAT(slow.ask(authenticate_frame(bo)), HasSubstr("\"success\":true"));
  EXPECT_THAT(slow.ask(join_frame(ward)), HasSubstr("channel_joined"));
  Peer sender = joined(amara, ward);
  const std::string text(3900, 'x');
  int sent = 0;
  while (gateway->stats().slow_consumers == 0 && sent < 4000) {
    sender.say(send_frame(ward, text));
    EXPECT_THAT(sender.hear(), HasSubstr("message_ack"));
    EXPECT_THAT(sender.hear(), HasSubstr("new_message"));
    ++sent;
  }
  EXPECT_EQ(gateway->stats().slow_consumers, 1U);
  EXPECT_EQ(slow.hear_close(), "1013 slow consumer");
}

TEST_F(GatewayTest, AfterAFailedSendTheChannelWaitsForItsRetry) {
  Peer peer = authenticated(amara);
  chat.change("ALTER TABLE messages RENAME TO hidden_messages");
  peer.send_bytes(Peer::frame(1, send_frame(ward, "one", "k1")) + Peer::frame(1, send_frame(ward, "two", "k2")) +
                  Peer::frame(1, send_frame(ward, "three", "k3")));
  for (const std::string key : {"k1", "k2", "k3"}) {
    EXPECT_THAT(peer.hear(), AllOf(HasSubstr("UNAVAILABLE"), HasSubstr(key)));
  }
  chat.change("ALTER TABLE hidden_messages RENAME TO messages");
  EXPECT_THAT(peer.ask(send_frame(ward, "three", "k3")), HasSubstr("UNAVAILABLE")) << "it would overtake k1";
  EXPECT_THAT(peer.ask(send_frame(open_ward, "elsewhere", "k9")), HasSubstr("message_ack"));
  peer.send_bytes(Peer::frame(1, send_frame(ward, "one", "k1")) + Peer::frame(1, send_frame(ward, "two", "k2")) +
                  Peer::frame(1, send_frame(ward, "three", "k3")));
  for (const std::string seq : {"1", "2", "3"}) {
    const std::string ack = peer.hear();
    EXPECT_EQ(member(ack, "clientMessageId"), "\"k" + seq + "\"");
    EXPECT_EQ(member(ack, "seq"), seq);
  }
  EXPECT_GE(chat.entries("websocket_error"), 1);
}

TEST_F(GatewayTest, AFaultIsAnsweredWithAFixedTextAndTheConnectionLivesOn) {
  Peer peer = authenticated(amara);
  chat.change("ALTER TABLE channel_members RENAME TO hidden_members");
  const std::string answer = peer.ask(join_frame(ward, R"(,"requestId":"1")"));
  EXPECT_THAT(
      answer,
      AllOf(StartsWith(R"({"type":"error","error":"Service unavailable","code":"UNAVAILABLE","requestId":"1")")));
  chat.change("ALTER TABLE hidden_members RENAME TO channel_members");
  EXPECT_THAT(peer.ask(join_frame(ward)), HasSubstr("channel_joined"));
}

TEST_F(GatewayTest, AuthenticationFailsClosedWhenItCannotBeRecorded) {
  const std::string frame = authenticate_frame(amara);
  Peer peer = connect();
  chat.change("ALTER TABLE audit_logs RENAME TO hidden_logs");
  EXPECT_THAT(peer.ask(frame), HasSubstr("UNAVAILABLE"));
  EXPECT_THAT(peer.ask(join_frame(ward)), HasSubstr("AUTH_REQUIRED"));
  chat.change("ALTER TABLE hidden_logs RENAME TO audit_logs");
  EXPECT_THAT(peer.ask(frame), HasSubstr("\"success\":true"));
  EXPECT_EQ(chat.entries("websocket_connected"), 1);
}

TEST_F(GatewayTest, ALogoutEndsTheSocketsOfItsSession) {
  Peer first = joined(amara, ward);
  Peer other = joined(bo, ward);
  auto logout = asio::co_spawn(chat.loop.context(), sessions.logout(amara), asio::use_future);
  EXPECT_TRUE(logout.get());
  EXPECT_THAT(first.hear(), HasSubstr(R"({"type":"session_terminated","data":{"reason":"logout")"));
  EXPECT_THAT(first.hear_close(), StartsWith("1008"));
  EXPECT_THAT(other.ask(R"({"type":"ping"})"), HasSubstr("pong"));
}

class StrictWriteGatewayTest : public GatewayTest {
 protected:
  StrictWriteGatewayTest() { settings.write_timeout = 100ms; }
};

TEST_F(StrictWriteGatewayTest, AnIdleConnectionIsToldOfItsEndBeforeItsWriteDeadlineCounts) {
  Peer peer = authenticated(amara);
  on_loop([this] {
    chat.hub.end_session(amara.session, {.last_frame = realtime::text_frame(R"({"type":"session_terminated"})"),
                                         .close_code = 1008,
                                         .close_reason = "session terminated"});
    // Held up until a tick is due: it then comes between the ending and the writing of what the ending queued.
    const auto due = std::chrono::steady_clock::now() + 600ms;
    while (std::chrono::steady_clock::now() < due) std::this_thread::yield();
  });
  EXPECT_THAT(peer.hear(), HasSubstr("session_terminated"));
  EXPECT_EQ(peer.hear_close(), "1008 session terminated");
}

TEST_F(GatewayTest, ASessionEndedBehindOurBackIsNoticedAtTheNextAct) {
  Peer peer = joined(amara, ward);
  chat.change("UPDATE sessions SET is_valid = false, ended_at = now(), end_reason = 'revoked'");
  EXPECT_THAT(peer.ask(send_frame(ward, "too late")), HasSubstr("TOKEN_INVALID"));
  EXPECT_THAT(peer.hear(), HasSubstr("session_terminated"));
  EXPECT_EQ(peer.hear_close(), "1008 session terminated");
  EXPECT_EQ(chat.number("SELECT count(*) FROM messages"), 0);
}

TEST_F(QuietGatewayTest, ASocketEndsWithItsSessionUnlessThatWasProlonged) {
  Peer peer = authenticated(amara);
  chat.change("UPDATE sessions SET expires_at = now() + interval '3 days'");
  clock_offset_ms = std::chrono::milliseconds(std::chrono::hours(30)).count();
  for (int turns = 0; turns < 4; ++turns) {  // each ping is a turn of the timer that looks at the session
    ASSERT_EQ(peer.receive().opcode, 9);
    peer.send_bytes(Peer::frame(10, ""));
  }
  clock_offset_ms = std::chrono::milliseconds(std::chrono::hours(80)).count();
  auto received = peer.receive();
  while (received.opcode == 9) received = peer.receive();
  EXPECT_THAT(received.payload, HasSubstr(R"({"type":"session_terminated","data":{"reason":"expired")"));
  EXPECT_EQ(peer.hear_close(), "1008 session terminated");
}

TEST_F(GatewayTest, GoingDownAnswersWhatWasSentAndSaysWhenToReturn) {
  Peer sender = authenticated(amara);
  Peer unknown = connect();
  EXPECT_THAT(sender.ask(send_frame(ward, "one", "k1")), HasSubstr("message_ack"));
  std::string burst;
  for (int i = 0; i < 20; ++i) burst += Peer::frame(1, send_frame(ward, "more", fmt::format("m{}", i)));
  sender.send_bytes(burst);
  EXPECT_THAT(sender.hear(), HasSubstr("message_ack"));
  gateway->shut_down();
  std::int64_t acknowledged = 2;
  std::string last;
  for (last = sender.hear(); member(last, "type") == "\"message_ack\""; last = sender.hear()) ++acknowledged;
  EXPECT_THAT(last, HasSubstr(R"({"type":"system_event","eventType":"shutdown","data":{"reconnectAfterMs":)"));
  EXPECT_EQ(sender.hear_close(), "1001 server shutdown");
  EXPECT_EQ(unknown.hear_close(), "1001 server shutdown");
  EXPECT_EQ(chat.number("SELECT count(*) FROM messages"), acknowledged) << "nothing is committed without its ack here";
}

TEST_F(GatewayTest, AClientThatNeverAnswersTheCloseIsCutOff) {
  Peer peer = authenticated(amara);
  gateway->shut_down();
  while (connections.load() > 0) on_loop([] {});  // five seconds, the close handshake
  EXPECT_EQ(peer.hear_close(), "1001 server shutdown");
}

}  // namespace
}  // namespace mcp::gateway
