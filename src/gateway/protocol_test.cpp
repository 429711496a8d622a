// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the reading of client frames: known fields exactly as the contract names them, unknown ones ignored, and a
// refusal that never repeats what the client sent.
#include "gateway/protocol.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mcp::gateway {
namespace {

const std::string id = "0190a3c1-7e2f-7a10-8b4c-0123456789ab";

std::string field_codes(const Error& error) {
  std::string text(name(error.code));
  for (const auto& field : error.fields) text += " " + field.field + ":" + std::string(name(field.code));
  return text;
}

struct Refused {
  std::string frame;
  std::string expected;
};

TEST(Protocol, RefusesFramesOfBadShapeByName) {
  const std::vector<Refused> cases = {
      {"", "BAD_REQUEST"},
      {"not json", "BAD_REQUEST"},
      {"[]", "BAD_REQUEST"},
      {"\"send_message\"", "BAD_REQUEST"},
      {"{}", "BAD_REQUEST"},
      {R"({"type":7})", "BAD_REQUEST"},
      {R"({"type":null})", "BAD_REQUEST"},
      {R"({"type":"ping","type":"ping"})", "BAD_REQUEST"},
      {R"({"type":"ping"} x)", "BAD_REQUEST"},
      {R"({"type":"edit_message","messageId":")" + id + R"("})", "UNKNOWN_TYPE"},
      {R"({"type":"SEND_MESSAGE"})", "UNKNOWN_TYPE"},
      {R"({"type":""})", "UNKNOWN_TYPE"},
      {R"({"type":"authenticate"})", "VALIDATION_FAILED token:required"},
      {R"({"type":"authenticate","token":7})", "VALIDATION_FAILED token:type"},
      {R"({"type":"authenticate","token":""})", "VALIDATION_FAILED token:too_short"},
      {R"({"type":"join_channel"})", "VALIDATION_FAILED channelId:required"},
      {R"({"type":"join_channel","channelId":"ch1"})", "VALIDATION_FAILED channelId:format"},
      {R"({"type":"join_channel","channelId":")" + id + R"(","sinceSeq":-1})",
       "VALIDATION_FAILED sinceSeq:out_of_range"},
      {R"({"type":"join_channel","channelId":")" + id + R"(","sinceSeq":"1"})", "VALIDATION_FAILED sinceSeq:type"},
      {R"({"type":"join_channel","channelId":")" + id + R"(","epoch":1})", "VALIDATION_FAILED epoch:type"},
      {R"({"type":"leave_channel","channelId":")" + id + R"(","keepMembership":1})",
       "VALIDATION_FAILED keepMembership:type"},
      {R"({"type":"send_message","channelId":")" + id + R"("})", "VALIDATION_FAILED text:required"},
      {R"({"type":"send_message","channelId":7,"text":7})", "VALIDATION_FAILED channelId:type text:type"},
      {R"({"type":"send_message","channelId":")" + id + R"(","text":"a","metadata":[]})",
       "VALIDATION_FAILED metadata:type"},
      {R"({"type":"send_message","channelId":")" + id + R"(","text":"a","containsPHI":"yes"})",
       "VALIDATION_FAILED containsPHI:type"},
      {R"({"type":"send_message","channelId":")" + id + R"(","text":"a\u0000"})", "VALIDATION_FAILED text:format"},
      {R"({"type":"ping","requestId":""})", "VALIDATION_FAILED requestId:too_short"},
      {R"({"type":"ping","requestId":"white space"})", "VALIDATION_FAILED requestId:format"},
      {R"({"type":"ping","requestId":")" + std::string(65, 'r') + R"("})", "VALIDATION_FAILED requestId:too_long"},
  };
  for (const auto& it : cases) {
    const ClientFrame frame = read_frame(it.frame);
    ASSERT_FALSE(frame.command) << it.frame;
    EXPECT_EQ(field_codes(frame.command.error()), it.expected) << it.frame;
  }
}

TEST(Protocol, ReadsEveryFieldOfSendMessage) {
  const ClientFrame frame = read_frame(
      R"({"type":"send_message","channelId":")" + id +
      R"(","text":"Bed 4\n\u00e4 \ud83d\ude00","containsPHI":true,"clientMessageId":"k-1","metadata":{"b":1,"a":"x"},"requestId":"r.2:_-"})");
  ASSERT_TRUE(frame.command);
  EXPECT_EQ(frame.type, FrameType::send_message);
  EXPECT_EQ(frame.request_id, "r.2:_-");
  const auto& draft = std::get<SendMessage>(*frame.command).draft;
  EXPECT_EQ(draft.channel->text(), id);
  EXPECT_FALSE(draft.recipient);
  EXPECT_EQ(draft.text.reveal(), "Bed 4\n\xC3\xA4 \xF0\x9F\x98\x80");
  EXPECT_TRUE(draft.contains_phi);
  EXPECT_EQ(draft.client_message_id, "k-1");
  EXPECT_EQ(draft.metadata, R"({"a":"x","b":1})");
}

TEST(Protocol, TakesNullForAbsentAndIgnoresUnknownFields) {
  const ClientFrame frame = read_frame(R"({"type":"send_message","recipientId":")" + id +
                                       R"(","channelId":null,"text":"a","clientMessageId":null,"newer":{"x":[1]}})");
  ASSERT_TRUE(frame.command);
  const auto& draft = std::get<SendMessage>(*frame.command).draft;
  EXPECT_FALSE(draft.channel);
  EXPECT_EQ(draft.recipient->text(), id);
  EXPECT_FALSE(draft.client_message_id);
}

TEST(Protocol, ReadsJoinLeaveAuthenticateAndBothHeartbeats) {
  const auto joined =
      read_frame(R"({"type":"join_channel","channelId":")" + id + R"(","sinceSeq":41,"sinceRev":55,"epoch":"e1"})");
  const auto& join = std::get<JoinChannel>(*joined.command);
  EXPECT_EQ(join.channel.text(), id);
  EXPECT_EQ(join.since_seq, 41);
  EXPECT_EQ(join.since_rev, 55);
  EXPECT_EQ(join.epoch, "e1");
  const auto left = read_frame(R"({"type":"leave_channel","channelId":")" + id + R"(","keepMembership":true})");
  EXPECT_TRUE(std::get<LeaveChannel>(*left.command).keep_membership);
  const auto authenticate = read_frame(R"({"type":"authenticate","token":"eyJ.a.b"})");
  EXPECT_EQ(std::get<Authenticate>(*authenticate.command).token.reveal(), "eyJ.a.b");
  for (const std::string type : {"ping", "heartbeat"}) {
    const auto beat = read_frame(R"({"type":")" + type + R"(","requestId":"1"})");
    EXPECT_EQ(beat.type, FrameType::heartbeat);
    EXPECT_EQ(beat.request_id, "1");
  }
}

TEST(Protocol, EchoesTheReferenceOfAFrameItRefuses) {
  EXPECT_EQ(read_frame(R"({"type":"fly","requestId":"77"})").request_id, "77");
  EXPECT_EQ(read_frame(R"({"type":"join_channel","requestId":"78"})").request_id, "78");
  EXPECT_EQ(read_frame(R"({"type":"ping","requestId":"<script>"})").request_id, "");
}

TEST(Protocol, NeverRepeatsWhatTheClientSent) {
  for (const std::string frame :
       {R"({"type":"canary-4711"})", R"(canary-4711)", R"({"type":"send_message","text":["canary-4711"]})",
        R"({"type":"ping","requestId":"canary-4711 "})", R"({"type":"authenticate","token":{"canary-4711":1}})"}) {
    const ClientFrame read = read_frame(frame);
    ASSERT_FALSE(read.command);
    std::string told = read.command.error().message;
    for (const auto& field : read.command.error().fields) told += field.field + field.message;
    EXPECT_EQ(told.find("4711"), std::string::npos) << told;
  }
}

}  // namespace
}  // namespace mcp::gateway
