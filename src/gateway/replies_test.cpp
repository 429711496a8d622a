// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the exact shape of what clients are told, and that names from outside cannot break out of their strings.
#include "gateway/replies.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace mcp::gateway {
namespace {

using namespace std::chrono_literals;

const Timestamp noon = Timestamp{std::chrono::sys_days{std::chrono::year{2030} / 1 / 1}} + 12h;
const Uuid id = *Uuid::parse("0190a3c1-7e2f-7a10-8b4c-0123456789ab");

TEST(Replies, AnErrorNamesCodeFieldsAndDelay) {
  EXPECT_EQ(
      error_reply(Error{.code = ErrorCode::not_found, .message = "Not found", .fields = {}},
                  {.request_id = "4", .at = noon}),
      R"({"type":"error","error":"Not found","code":"NOT_FOUND","requestId":"4","timestamp":"2030-01-01T12:00:00.000Z"})");
  Error error{.code = ErrorCode::validation_failed,
              .message = "text is required",
              .fields = {{.field = "te\"xt", .code = FieldCode::required, .message = "is required"}},
              .retry_after = 350ms};
  EXPECT_EQ(
      error_reply(error, {.request_id = "", .at = noon}),
      R"({"type":"error","error":"text is required","code":"VALIDATION_FAILED",)"
      R"("errors":[{"field":"te\"xt","code":"required","message":"is required"}],"retryAfterMs":350,"timestamp":"2030-01-01T12:00:00.000Z"})");
}

TEST(Replies, APongEchoesItsReference) {
  EXPECT_EQ(pong_reply({.request_id = "", .at = noon}), R"({"type":"pong","timestamp":"2030-01-01T12:00:00.000Z"})");
  EXPECT_EQ(pong_reply({.request_id = "a", .at = noon}),
            R"({"type":"pong","requestId":"a","timestamp":"2030-01-01T12:00:00.000Z"})");
}

TEST(Replies, AnAcceptedAuthenticationTellsWhoAndWhichLimits) {
  identity::Identity identity;
  identity.account.id = UserId(id);
  identity.account.username = "amara";
  identity.account.first_name = "Amara \"A\"";
  identity.account.last_name = "O.";
  identity.account.role_name = "user";
  identity.account.permissions.add(Permission::channel_join);
  identity.account.permissions.add(Permission::message_create);
  identity.session.id = SessionId(id);
  identity.session.expires_at = noon + 1h;
  const std::string text = authentication_accepted({.identity = identity,
                                                    .connection = ConnectionId(id),
                                                    .epoch = "e1",
                                                    .frame_bytes_max = 65536,
                                                    .text_code_points_max = 4000,
                                                    .rate_per_second = 20,
                                                    .rate_burst = 60,
                                                    .heartbeat_interval = 30s,
                                                    .idle_timeout = 120s,
                                                    .replay_max = 1000},
                                                   {.request_id = "1", .at = noon});
  EXPECT_EQ(
      text,
      R"({"type":"authentication_response","success":true,"requestId":"1","user":{"id":"0190a3c1-7e2f-7a10-8b4c-0123456789ab",)"
      R"("username":"amara","displayName":"Amara \"A\" O.","role":"user","permissions":["message.create","channel.join"]},)"
      R"("sessionId":"0190a3c1-7e2f-7a10-8b4c-0123456789ab","expiresAt":"2030-01-01T13:00:00.000Z",)"
      R"("connectionId":"0190a3c1-7e2f-7a10-8b4c-0123456789ab","epoch":"e1","limits":{"maxFrameBytes":65536,"maxTextLength":4000,)"
      R"("ratePerSecond":20,"rateBurst":60,"heartbeatIntervalMs":30000,"idleTimeoutMs":120000,"replayMax":1000},)"
      R"("timestamp":"2030-01-01T12:00:00.000Z"})");
}

TEST(Replies, ARefusedAuthenticationSaysWhy) {
  EXPECT_EQ(
      authentication_refused(Error{.code = ErrorCode::token_invalid, .message = "The token is not valid", .fields = {}},
                             {.request_id = "", .at = noon}),
      R"({"type":"authentication_response","success":false,"error":"The token is not valid","code":"TOKEN_INVALID","timestamp":"2030-01-01T12:00:00.000Z"})");
}

TEST(Replies, AJoinTellsHeadAndResume) {
  const channels::Joined joined{.channel = ChannelId(id),
                                .head_seq = 41,
                                .head_rev = 55,
                                .live_from = 42,
                                .last_read_seq = 40,
                                .role = channels::ChannelRole::member};
  const std::string front =
      R"({"type":"channel_joined","requestId":"1","channelId":"0190a3c1-7e2f-7a10-8b4c-0123456789ab","epoch":"e1","headSeq":41,"headRev":55,)"
      R"("liveFrom":42,"lastReadSeq":40,"role":"member","auto":false,"resume":)";
  const std::string back = R"(,"presence":[],"timestamp":"2030-01-01T12:00:00.000Z"})";
  const Stamp stamp{.request_id = "1", .at = noon};
  EXPECT_EQ(channel_joined_reply(joined, {}, "e1", stamp), front + R"({"status":"none"})" + back);
  EXPECT_EQ(channel_joined_reply(joined, {.status = ResumeStatus::complete, .reason = {}}, "e1", stamp),
            front + R"({"status":"complete"})" + back);
  EXPECT_EQ(channel_joined_reply(joined, {.status = ResumeStatus::snapshot_required, .reason = "ahead"}, "e1", stamp),
            front + R"({"status":"snapshot_required","reason":"ahead"})" + back);
}

TEST(Replies, AnAckCarriesTheTimeOfTheMessage) {
  messages::Sent sent;
  sent.id = MessageId(id);
  sent.channel = ChannelId(id);
  sent.seq = 42;
  sent.rev = 56;
  sent.contains_phi = true;
  sent.timestamp = noon;
  sent.client_message_id = "k-1";
  EXPECT_EQ(
      message_ack_reply(sent, "2"),
      R"({"type":"message_ack","requestId":"2","messageId":"0190a3c1-7e2f-7a10-8b4c-0123456789ab","clientMessageId":"k-1",)"
      R"("channelId":"0190a3c1-7e2f-7a10-8b4c-0123456789ab","seq":42,"rev":56,"version":1,"containsPHI":true,"timestamp":"2030-01-01T12:00:00.000Z"})");
  sent.client_message_id.reset();
  EXPECT_EQ(message_ack_reply(sent, "").find("clientMessageId"), std::string::npos);
}

TEST(Replies, LeavesEndingsAndShutdownHaveTheirShapes) {
  EXPECT_EQ(
      channel_left_reply(ChannelId(id), {.request_id = "", .at = noon}),
      R"({"type":"channel_left","channelId":"0190a3c1-7e2f-7a10-8b4c-0123456789ab","reason":"request","timestamp":"2030-01-01T12:00:00.000Z"})");
  EXPECT_EQ(
      session_terminated_event("expired", noon),
      R"({"type":"session_terminated","data":{"reason":"expired","reconnect":false},"timestamp":"2030-01-01T12:00:00.000Z"})");
  EXPECT_EQ(
      shutdown_event(1234ms, noon),
      R"({"type":"system_event","eventType":"shutdown","data":{"reconnectAfterMs":1234},"timestamp":"2030-01-01T12:00:00.000Z"})");
}

}  // namespace
}  // namespace mcp::gateway
