// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the conversation of a socket: who is let in, that frames are answered once and in order, and that a message
// is acknowledged before it is seen, and seen by members only.
#include <malloc.h>

#include <iostream>

#include "gateway/served_test.hpp"

#if defined(__SANITIZE_ADDRESS__) || (defined(__has_feature) && __has_feature(address_sanitizer))
#include <sanitizer/allocator_interface.h>
#define MCP_TEST_ALLOCATED_BYTES() __sanitizer_get_current_allocated_bytes()
#else
#define MCP_TEST_ALLOCATED_BYTES() mallinfo2().uordblks
#endif

namespace mcp::gateway {
namespace {

std::size_t allocated_bytes() { return MCP_TEST_ALLOCATED_BYTES(); }

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST_F(GatewayTest, AnAuthenticatedConnectionIsWelcomedAndAudited) {
  Peer peer = connect();
  const std::string answer = peer.ask(authenticate_frame(amara));
  EXPECT_THAT(answer, AllOf(HasSubstr(R"("type":"authentication_response","success":true)"),
                            HasSubstr(amara.user.text()), HasSubstr(R"("username":"amara")"),
                            HasSubstr(R"("epoch":"e1")"), HasSubstr(R"("maxFrameBytes":65536)")));
  EXPECT_EQ(chat.entries("websocket_connected"), 1);
  peer.send_bytes(Peer::frame(8, "\x03\xE8"));
  EXPECT_EQ(peer.hear_close(), "1000 ");
  EXPECT_TRUE(peer.has_ended());
  expect_eventually("SELECT count(*) FROM audit_logs WHERE action = 'websocket_disconnected'", 1);
  EXPECT_THAT(chat.details("websocket_disconnected"), HasSubstr(R"("code": 1000)"));
}

TEST_F(GatewayTest, AWrongTokenIsRefusedAuditedAndTheEndOfTheConnection) {
  Peer peer = connect();
  const std::string answer = peer.ask(R"({"type":"authenticate","token":"eyJ.canary.token","requestId":"1"})");
  EXPECT_THAT(answer, AllOf(HasSubstr(R"("success":false)"), HasSubstr(R"("code":"TOKEN_INVALID","requestId":"1")")));
  EXPECT_EQ(chat.entries("authentication_failure"), 1) << "durable before the answer";
  EXPECT_THAT(chat.details("authentication_failure"), AllOf(HasSubstr("websocket"), Not(HasSubstr("canary"))));
  EXPECT_EQ(peer.hear_close(), "1008 authentication failed");
}

TEST_F(GatewayTest, AnEndedSessionAndAForcedPasswordChangeAreRefused) {
  const std::string frame = authenticate_frame(amara);
  chat.change("UPDATE users SET force_password_change = true WHERE username = 'amara'");
  Peer first = connect();
  EXPECT_THAT(first.ask(frame), HasSubstr("PASSWORD_CHANGE_REQUIRED"));
  EXPECT_EQ(first.hear_close(), "1008 authentication failed");
  chat.change("UPDATE users SET force_password_change = false");
  chat.change("UPDATE sessions SET is_valid = false, ended_at = now(), end_reason = 'logout'");
  Peer second = connect();
  EXPECT_THAT(second.ask(frame), HasSubstr("TOKEN_INVALID"));
  EXPECT_EQ(chat.entries("websocket_connected"), 0);
}

TEST_F(GatewayTest, ASessionThatEndsWhileItsSocketAuthenticatesDoesNotGetIn) {
  const std::string frame = authenticate_frame(amara);
  // Ends the session in the very transaction that records the connection: behind the first look at the token, before
  // the hub can have told anybody.
  chat.change(
      "CREATE FUNCTION end_it() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN "
      "IF NEW.action = 'websocket_connected' THEN UPDATE sessions SET is_valid = false, ended_at = now(), "
      "end_reason = 'revoked'; END IF; RETURN NEW; END $$;"
      "CREATE TRIGGER end_it BEFORE INSERT ON audit_logs FOR EACH ROW EXECUTE FUNCTION end_it()");
  Peer peer = connect();
  EXPECT_THAT(peer.ask(frame), HasSubstr("TOKEN_INVALID"));
  EXPECT_EQ(peer.hear_close(), "1008 authentication failed");
  expect_eventually("SELECT count(*) FROM audit_logs WHERE action = 'websocket_disconnected'", 1);
}

TEST_F(GatewayTest, AnIdleConnectionCostsLittleMemory) {
  // Goal: 4 KiB (performance.md) in the optimised build; the bound here is for the sanitizers' build, and catches what
  // would hold a buffer or a timer for each connection. The client's half, in this process, too, is a few words.
  constexpr std::size_t count = 40;
  std::vector<Actor> people;
  std::vector<std::string> frames;
  for (std::size_t i = 0; i < count; ++i) people.push_back(chat.person(fmt::format("person-{}", i)));
  for (const Actor& person : people) frames.push_back(authenticate_frame(person));
  Peer warm_up = joined(amara, ward);
  std::vector<Peer> peers;
  peers.reserve(count);
  on_loop([] {});
  const std::size_t before = allocated_bytes();
  for (const auto& frame : frames) {
    peers.push_back(connect());
    peers.back().say(frame);
    EXPECT_THAT(peers.back().hear(), HasSubstr("\"success\":true"));
  }
  on_loop([] {});
  const std::size_t each = (allocated_bytes() - before) / count;
  std::cout << "bytes of an idle connection: " << each << '\n';
  EXPECT_LT(each, 6000U);
}

TEST_F(GatewayTest, BeforeAuthenticationOnlyHeartbeatsAreAnswered) {
  Peer peer = connect();
  EXPECT_THAT(peer.ask(R"({"type":"ping","requestId":"p"})"), HasSubstr(R"({"type":"pong","requestId":"p")"));
  EXPECT_THAT(peer.ask(join_frame(ward)), HasSubstr("AUTH_REQUIRED"));
  EXPECT_THAT(peer.ask(R"({"type":"join_channel"})"), HasSubstr("AUTH_REQUIRED"));
  EXPECT_THAT(peer.ask("nonsense"), HasSubstr("BAD_REQUEST"));
  EXPECT_THAT(peer.ask(R"({"type":"authenticate"})"), HasSubstr("VALIDATION_FAILED"));
  for (int i = 5; i <= 10; ++i) EXPECT_THAT(peer.ask(join_frame(ward)), HasSubstr("AUTH_REQUIRED"));
  EXPECT_EQ(peer.hear_close(), "1008 authentication failed");
}

TEST_F(GatewayTest, FramesBeforeAuthenticationAreShort) {
  Peer early = connect();
  early.say(R"({"type":"ping","x":")" + std::string(8200, 'x') + "\"}");
  EXPECT_EQ(early.hear_close(), "1009 frame too large");
  Peer late = authenticated(amara);
  EXPECT_THAT(late.ask(R"({"type":"ping","x":")" + std::string(60'000, 'x') + "\"}"), HasSubstr("pong"));
  late.say(R"({"type":"ping","x":")" + std::string(66'000, 'x') + "\"}");
  EXPECT_EQ(late.hear_close(), "1009 frame too large");
}

TEST_F(GatewayTest, ASecondAuthenticateChangesNothing) {
  const std::string frame = authenticate_frame(amara);
  Peer peer = connect();
  const std::string first = peer.ask(frame);
  const std::string second = peer.ask(frame);
  EXPECT_EQ(member(second, "connectionId"), member(first, "connectionId"));
  EXPECT_EQ(member(second, "success"), "true");
  EXPECT_EQ(chat.entries("websocket_connected"), 1);
  EXPECT_THAT(peer.ask(authenticate_frame(bo)), HasSubstr("CONFLICT"));
  EXPECT_THAT(peer.ask(send_frame(ward, "still amara")), HasSubstr("message_ack"));
  EXPECT_EQ(chat.sql("SELECT sender_id::text FROM messages"), amara.user.text());
}

TEST_F(GatewayTest, AMessageIsAcknowledgedFirstAndSeenByThoseWhoJoined) {
  Peer sender = joined(amara, ward);
  Peer reader = joined(bo, ward);
  Peer outsider = authenticated(bo);
  const std::string ack = sender.ask(send_frame(ward, "Bed 4 is ready", "k-1"));
  EXPECT_THAT(ack, AllOf(HasSubstr(R"({"type":"message_ack","requestId":"k-1")"),
                         HasSubstr(R"("clientMessageId":"k-1")"), HasSubstr(R"("seq":1)")));
  const std::string own = sender.hear();
  EXPECT_THAT(own, AllOf(HasSubstr(R"("type":"new_message")"), HasSubstr("Bed 4 is ready"),
                         HasSubstr(R"("clientMessageId":"k-1")")));
  EXPECT_THAT(reader.hear(), AllOf(HasSubstr("Bed 4 is ready"), Not(HasSubstr("clientMessageId"))));
  EXPECT_THAT(outsider.ask(R"({"type":"ping"})"), HasSubstr("pong")) << "nothing came before it";
}

TEST_F(GatewayTest, PipelinedMessagesKeepTheirOrder) {
  Peer sender = authenticated(amara);
  Peer reader = joined(bo, ward);
  std::string burst;
  for (int i = 1; i <= 50; ++i)
    burst += Peer::frame(1, send_frame(ward, fmt::format("message {}", i), fmt::format("k{}", i)));
  sender.send_bytes(burst);
  for (int i = 1; i <= 50; ++i) {
    const std::string ack = sender.hear();
    EXPECT_EQ(member(ack, "clientMessageId"), fmt::format("\"k{}\"", i));
    EXPECT_EQ(member(ack, "seq"), std::to_string(i));
    EXPECT_THAT(reader.hear(), HasSubstr(fmt::format(R"("text":"message {}")", i)));
  }
}

TEST_F(GatewayTest, OtherFramesWaitForTheSendsBeforeThem) {
  Peer peer = joined(amara, open_ward);
  peer.send_bytes(Peer::frame(1, send_frame(open_ward, "one", "k1")) + Peer::frame(1, R"({"type":"ping"})") +
                  Peer::frame(1, send_frame(open_ward, "two", "k2")) + Peer::frame(8, "\x03\xE8"));
  std::vector<std::string> types;
  for (int i = 0; i < 5; ++i) types.push_back(member(peer.hear(), "type"));
  const auto place = [&](std::string_view type, int nth) {
    auto at = types.begin();
    for (int i = 0; i <= nth; ++i) at = std::find(at + (i > 0 ? 1 : 0), types.end(), type);
    return at - types.begin();
  };
  EXPECT_LT(place("\"message_ack\"", 0), place("\"pong\"", 0));
  EXPECT_LT(place("\"pong\"", 0), place("\"message_ack\"", 1));
  EXPECT_EQ(peer.hear_close(), "1000 ") << "the close is answered behind them all";
}

TEST_F(GatewayTest, AStrangerLearnsNothingAboutAPrivateChannel) {
  const Actor stranger = chat.person("stranger");
  Peer peer = authenticated(stranger);
  const std::string foreign = peer.ask(join_frame(ward));
  const std::string absent = peer.ask(join_frame(ChannelId(Uuid::v4())));
  EXPECT_EQ(member(foreign, "error"), member(absent, "error"));
  EXPECT_EQ(member(foreign, "code"), "\"NOT_FOUND\"");
  EXPECT_EQ(member(absent, "code"), "\"NOT_FOUND\"");
  EXPECT_EQ(member(peer.ask(send_frame(ward, "hello")), "code"), "\"NOT_FOUND\"");
}

TEST_F(GatewayTest, AfterLeavingNothingMoreArrives) {
  Peer reader = joined(bo, ward);
  Peer sender = authenticated(amara);
  EXPECT_THAT(sender.ask(send_frame(ward, "before")), HasSubstr("message_ack"));
  EXPECT_THAT(reader.hear(), HasSubstr("before"));
  EXPECT_THAT(reader.ask(leave_frame(ward)), HasSubstr(R"({"type":"channel_left","requestId":"leave")"));
  EXPECT_THAT(sender.ask(send_frame(ward, "after")), HasSubstr("message_ack"));
  EXPECT_THAT(reader.ask(R"({"type":"ping"})"), HasSubstr("pong"));
  EXPECT_THAT(chat.details("phi_access"), HasSubstr(R"("seqRanges": [[1, 1]])")) << "closed with what was delivered";
  EXPECT_THAT(reader.ask(leave_frame(ward)), HasSubstr("channel_left")) << "leaving twice is the same ack";
}

TEST_F(GatewayTest, ALostConnectionClosesWhatWasReadLive) {
  {
    Peer reader = joined(bo, ward);
    Peer sender = authenticated(amara);
    for (int i = 0; i < 3; ++i) EXPECT_THAT(sender.ask(send_frame(ward, "text")), HasSubstr("message_ack"));
    for (int i = 0; i < 3; ++i) reader.hear();
    reader.socket().reset();
  }
  expect_eventually("SELECT count(*) FROM audit_logs WHERE action = 'phi_access' AND details::text LIKE '%[[1, 3]]%'",
                    1);
  expect_eventually("SELECT count(*) FROM audit_logs WHERE action = 'websocket_disconnected'", 2);
}

TEST_F(GatewayTest, AJoinTellsWhetherAnythingIsMissing) {
  Peer peer = authenticated(amara);
  for (int i = 0; i < 2; ++i) peer.ask(send_frame(ward, "text"));
  EXPECT_THAT(peer.ask(join_frame(ward)), HasSubstr(R"("resume":{"status":"none"})"));
  EXPECT_THAT(peer.ask(join_frame(ward, R"(,"sinceSeq":2)")),
              AllOf(HasSubstr(R"("status":"complete")"), HasSubstr(R"("liveFrom":3)")));
  EXPECT_THAT(peer.ask(join_frame(ward, R"(,"sinceSeq":1)")),
              HasSubstr(R"("status":"snapshot_required","reason":"too_far")"));
  EXPECT_THAT(peer.ask(join_frame(ward, R"(,"sinceSeq":3)")), HasSubstr(R"("reason":"ahead")"));
  EXPECT_THAT(peer.ask(join_frame(ward, R"(,"sinceSeq":2,"epoch":"e0")")), HasSubstr(R"("reason":"epoch")"));
  EXPECT_THAT(peer.ask(join_frame(ward, R"(,"sinceSeq":2,"epoch":"e1","sinceRev":1)")), HasSubstr("snapshot_required"));
  EXPECT_THAT(peer.ask(send_frame(ward, "once")), HasSubstr("message_ack"));
  EXPECT_THAT(peer.hear(), HasSubstr("new_message"));
  EXPECT_THAT(peer.ask(R"({"type":"ping"})"), HasSubstr("pong")) << "joining again delivers nothing twice";
}

TEST_F(GatewayTest, JoiningAgainOpensNoSecondAccessEntry) {
  Peer reader = joined(bo, open_ward);
  EXPECT_THAT(reader.ask(join_frame(open_ward)), HasSubstr("channel_joined"));
  EXPECT_EQ(chat.entries("phi_access"), 1) << "nobody would close the second one";
  // A leave elsewhere ends the membership and this delivery: the next join opens an entry of its own.
  Peer other = joined(bo, open_ward);
  EXPECT_THAT(other.ask(leave_frame(open_ward)), HasSubstr("channel_left"));
  EXPECT_THAT(reader.hear(), HasSubstr("membership_ended"));
  EXPECT_THAT(reader.ask(join_frame(open_ward)), HasSubstr("channel_joined"));
  expect_eventually("SELECT count(*) FROM audit_logs WHERE action = 'phi_access' AND details::text LIKE '%[1, null]%'",
                    3);
  expect_eventually("SELECT count(*) FROM audit_logs WHERE action = 'phi_access'", 5);
  Peer sender = authenticated(amara);
  EXPECT_THAT(sender.ask(send_frame(open_ward, "to those who joined")), HasSubstr("message_ack"));
  EXPECT_THAT(reader.hear(), HasSubstr("to those who joined"));
}

TEST_F(GatewayTest, PingFramesAreEchoedAndCloseIsAnswered) {
  Peer peer = authenticated(amara);
  peer.send_bytes(Peer::frame(9, "are you there"));
  const auto pong = peer.receive();
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "are you there");
  peer.send_bytes(Peer::frame(1, R"({"type":)", false) + Peer::frame(9, "") + Peer::frame(0, R"("ping"})"));
  EXPECT_EQ(peer.receive().opcode, 10);
  EXPECT_THAT(peer.hear(), HasSubstr("pong"));
  peer.send_bytes(Peer::frame(8, ""));
  EXPECT_EQ(peer.hear_close(), "no code");
  EXPECT_TRUE(peer.has_ended());
}

TEST_F(GatewayTest, ProtocolFailuresGetTheirCloseCodes) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {Peer::frame(2, "binary"), "1003 binary frame"},
      {Peer::frame(1, "\xFF"), "1007 invalid UTF-8"},
      {std::string("\x81\x02hi", 4), "1002 protocol error"},
      {Peer::frame(3, ""), "1002 protocol error"},
  };
  for (const auto& [bytes, expected] : cases) {
    Peer peer = authenticated(amara);
    peer.send_bytes(bytes);
    EXPECT_EQ(peer.hear_close(), expected);
    EXPECT_TRUE(peer.has_ended());
  }
}

}  // namespace
}  // namespace mcp::gateway
