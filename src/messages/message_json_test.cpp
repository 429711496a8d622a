// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the one shape of a message on REST and sockets, and the bytes by which a retry is recognised.
#include "messages/message_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "messages/mentions.hpp"

namespace mcp::messages {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const UserId sender = *UserId::parse("00000000-0000-0000-0000-0000000000a1");
const UserId other = *UserId::parse("00000000-0000-0000-0000-0000000000b2");
const ChannelId channel = *ChannelId::parse("00000000-0000-0000-0000-0000000000c3");

Message example() {
  Message message;
  message.id = *MessageId::parse("00000000-0000-0000-0000-0000000000d4");
  message.channel = channel;
  message.sender = sender;
  message.sender_name = "amara";
  message.seq = 42;
  message.rev = 56;
  message.text = MessageText("Bed 4 is \"ready\"\n");
  message.client_message_id = "k-1";
  message.timestamp = *parse_iso8601("2030-01-01T08:00:05.120Z");
  return message;
}

constexpr std::string_view up_to_text =
    R"({"id":"00000000-0000-0000-0000-0000000000d4","channelId":"00000000-0000-0000-0000-0000000000c3","seq":42,"rev":56,)"
    R"("version":1,"senderId":"00000000-0000-0000-0000-0000000000a1","sender":"amara","text":"Bed 4 is \"ready\"\n",)"
    R"("timestamp":"2030-01-01T08:00:05.120Z","editedAt":null,"deleted":false,"deletedAt":null,"deletedBy":null,)"
    R"("flagged":false,"containsPHI":false,"metadata":{"mentions":[]},)";

TEST(MessageJson, WritesTheMembersOfTheContractInItsOrder) {
  EXPECT_EQ(
      new_message_event(example(), Audience::own_sockets, example().timestamp),
      R"({"type":"new_message","data":)" + std::string(up_to_text) +
          R"("reactions":[],"recipientId":null,"clientMessageId":"k-1"},"timestamp":"2030-01-01T08:00:05.120Z"})");
}

TEST(MessageJson, ShowsTheClientsKeyToItsSenderOnly) {
  const std::string with_key = R"("reactions":[],"recipientId":null,"clientMessageId":"k-1"})";
  const std::string without = R"("reactions":[],"recipientId":null})";
  EXPECT_EQ(message_to_json(example(), Audience::everybody), std::string(up_to_text) + without);
  EXPECT_EQ(message_to_json(example(), Audience::rest_caller, other), std::string(up_to_text) + without);
  EXPECT_EQ(message_to_json(example(), Audience::rest_caller, sender), std::string(up_to_text) + with_key);
  Message keyless = example();
  keyless.client_message_id.reset();
  EXPECT_EQ(message_to_json(keyless, Audience::own_sockets), std::string(up_to_text) + without);
  EXPECT_EQ(message_to_json(keyless, Audience::rest_caller, sender),
            std::string(up_to_text) + R"("reactions":[],"recipientId":null,"clientMessageId":null})");
}

TEST(MessageJson, TellsWhichReactionsAreOnesOwnInRestOnly) {
  Message message = example();
  message.recipient = other;
  message.reactions = {{.reaction = "\xF0\x9F\x91\x8D", .count = 2, .mine = true}};
  EXPECT_THAT(message_to_json(message, Audience::rest_caller, other),
              testing::HasSubstr("\"reactions\":[{\"reaction\":\"\xF0\x9F\x91\x8D\",\"count\":2,\"mine\":true}],"
                                 "\"recipientId\":\"00000000-0000-0000-0000-0000000000b2\""));
  EXPECT_THAT(message_to_json(message, Audience::everybody),
              testing::HasSubstr("\"reactions\":[{\"reaction\":\"\xF0\x9F\x91\x8D\",\"count\":2}]"));
}

TEST(MessageJson, ReplacesAClientsMentionsAndKeepsItsOtherKeys) {
  EXPECT_EQ(with_mentions("", {}), R"({"mentions":[]})");
  EXPECT_EQ(with_mentions(R"({"a":{"b":1},"mentions":["forged"],"z":null})", {other}),
            R"({"a":{"b":1},"mentions":["00000000-0000-0000-0000-0000000000b2"],"z":null})");
}

TEST(MessageJson, ComparesRetriesByTheCanonicalFormOfWhatWasSent) {
  // RFC 8785: members in order, no blanks; what is absent has its default. Changing these bytes breaks every retry that
  // is under way during an upgrade.
  Draft draft;
  draft.text = MessageText("a\"b");
  EXPECT_EQ(body_to_compare(draft, channel, sender).reveal(),
            R"({"channelId":"00000000-0000-0000-0000-0000000000c3","containsPHI":false,"metadata":{},)"
            R"("senderId":"00000000-0000-0000-0000-0000000000a1","text":"a\"b"})");
  draft.contains_phi = true;
  draft.metadata = R"({"k":1})";
  EXPECT_EQ(body_to_compare(draft, channel, sender).reveal(),
            R"({"channelId":"00000000-0000-0000-0000-0000000000c3","containsPHI":true,"metadata":{"k":1},)"
            R"("senderId":"00000000-0000-0000-0000-0000000000a1","text":"a\"b"})");
}

TEST(MessageJson, ReadsAWholeDraft) {
  const auto draft = read_draft(
      R"({"channelId":"00000000-0000-0000-0000-0000000000c3","text":" kept \t\r\n as is ","containsPHI":true,)"
      R"("metadata":{"z":1,"a":2},"clientMessageId":"k-1"})");
  ASSERT_TRUE(draft);
  EXPECT_EQ(draft->channel, channel);
  EXPECT_FALSE(draft->recipient);
  EXPECT_EQ(draft->text.reveal(), " kept \t\r\n as is ");
  EXPECT_TRUE(draft->contains_phi);
  EXPECT_EQ(draft->metadata, R"({"a":2,"z":1})");
  EXPECT_EQ(draft->client_message_id, "k-1");
}

struct BadBody {
  const char* name;
  const char* body;
  ErrorCode code;
  const char* field;
};
class BadBodies : public testing::TestWithParam<BadBody> {};

TEST_P(BadBodies, AreRefused) {
  const auto draft = read_draft(GetParam().body);
  ASSERT_FALSE(draft);
  EXPECT_EQ(draft.error().code, GetParam().code);
  if (*GetParam().field != '\0') EXPECT_EQ(draft.error().fields.front().field, GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    , BadBodies,
    testing::Values(
        BadBody{"empty", "", ErrorCode::bad_request, ""}, BadBody{"array", "[]", ErrorCode::bad_request, ""},
        BadBody{"doubled", R"({"text":"a","text":"b"})", ErrorCode::bad_request, ""},
        BadBody{"no_text", R"({"channelId":"00000000-0000-0000-0000-0000000000c3"})", ErrorCode::validation_failed,
                "text"},
        BadBody{"unknown_member", R"({"text":"a","isPrivate":true})", ErrorCode::validation_failed, "isPrivate"},
        BadBody{"id_of_wrong_form", R"({"text":"a","channelId":"7"})", ErrorCode::validation_failed, "channelId"},
        BadBody{"flag_as_text", R"({"text":"a","containsPHI":"yes"})", ErrorCode::validation_failed, "containsPHI"},
        BadBody{"metadata_as_list", R"({"text":"a","metadata":[]})", ErrorCode::validation_failed, "metadata"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Mentions, AreNamesBehindAnAtSignThatStartsAWord) {
  EXPECT_THAT(mentioned_names("@Amara, see @bo-2! (@carla_x) @amara"), ElementsAre("amara", "bo-2", "carla_x"));
  EXPECT_THAT(mentioned_names("mail a.b@example.org, x_@abc, @ab @"), IsEmpty());
  EXPECT_THAT(mentioned_names("@" + std::string(51, 'a')), IsEmpty());
  EXPECT_THAT(mentioned_names("\xC3\xA9@amara"), ElementsAre("amara"));
}

TEST(Mentions, OfOneMessageAreBounded) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "@user" + std::to_string(i) + ' ';
  EXPECT_EQ(mentioned_names(text).size(), mentions_max);
}

}  // namespace
}  // namespace mcp::messages
