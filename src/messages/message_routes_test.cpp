// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the REST half of messages: statuses and links of the contract, and that what is not offered is refused
// instead of ignored.
#include "messages/message_routes.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/chat.hpp"

namespace mcp::messages {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class MessageRoutesTest : public testing::Test {
 protected:
  using Query = std::vector<std::pair<std::string, std::string>>;

  Result<http::Response> get(const Actor& actor, Query query) {
    http::Call call;
    call.request.path = "/api/messages";
    call.request.query = std::move(query);
    call.actor = actor;
    return chat.run(message_routes(service)[0].handler(std::move(call)));
  }
  Result<http::Response> post(const Actor& actor, std::string body) {
    http::Call call;
    call.request.method = http::Method::post;
    call.request.path = "/api/messages";
    call.request.body = std::move(body);
    call.actor = actor;
    return chat.run(message_routes(service)[1].handler(std::move(call)));
  }
  std::string body(std::string_view text, std::string_view more = "") const {
    return fmt::format(R"({{"channelId":"{}","text":"{}"{}}})", ward.text(), text, more);
  }
  static std::string header(const http::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }
  static std::vector<int> seqs(const http::Response& response) {
    std::vector<int> found;
    for (auto at = response.body.find(R"("seq":)"); at != std::string::npos;
         at = response.body.find(R"("seq":)", at + 1)) {
      found.push_back(std::stoi(response.body.substr(at + 6)));
    }
    return found;
  }
  // The parameters of the link with this relation; nothing when there is none.
  static std::optional<Query> link(const http::Response& response, std::string_view relation) {
    const auto all = header(response, "Link");
    const auto end = all.find(fmt::format(R"(>; rel="{}")", relation));
    if (end == std::string::npos) return std::nullopt;
    auto at = all.rfind('?', end) + 1;
    Query query;
    while (at < end) {
      const auto stop = std::min(all.find('&', at), end);
      const auto equals = all.find('=', at);
      query.emplace_back(all.substr(at, equals - at), all.substr(equals + 1, stop - equals - 1));
      at = stop + 1;
    }
    return query;
  }

  test::Chat chat;
  MessageService service{chat.pool, chat.ledger, chat.keys, chat.hub, {}};
  Actor amara = chat.person("amara");
  Actor bo = chat.person("bo-2");
  ChannelId ward = chat.channel("Ward 4", "private", {amara, bo});
};

TEST_F(MessageRoutesTest, CreatesAMessageOnceAndShowsTheFirstAnswerAgain) {
  const auto first = post(amara, body("Bed 4 is ready, @bo-2", R"(,"clientMessageId":"k-1","metadata":{"thread":7})"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->status, 201);
  EXPECT_THAT(header(*first, "Location"), testing::StartsWith("/api/messages/"));
  EXPECT_THAT(first->body, HasSubstr(R"("text":"Bed 4 is ready, @bo-2")"));
  EXPECT_THAT(first->body, HasSubstr(R"("clientMessageId":"k-1")"));
  EXPECT_THAT(first->body, HasSubstr(fmt::format(R"("metadata":{{"mentions":["{}"],"thread":7}})", bo.user.text())));
  const auto again = post(amara, body("Bed 4 is ready, @bo-2", R"(,"clientMessageId":"k-1","metadata":{"thread":7})"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 200);
  EXPECT_EQ(again->body, first->body);
  EXPECT_EQ(post(amara, body("another", R"(,"clientMessageId":"k-1")")).error().code, ErrorCode::conflict);
  EXPECT_THAT(chat.details("message_sent"), HasSubstr(R"("via": "rest")"));
}

TEST_F(MessageRoutesTest, WantsExactlyOneOfChannelAndRecipient) {
  EXPECT_EQ(post(amara, R"({"text":"x"})").error().fields.front().field, "channelId");
  EXPECT_EQ(post(amara, body("x", fmt::format(R"(,"recipientId":"{}")", bo.user.text()))).error().code,
            ErrorCode::bad_request);
}

TEST_F(MessageRoutesTest, FollowingTheLinksShowsEveryMessageOnceInBothDirections) {
  for (int i = 1; i <= 11; ++i) ASSERT_TRUE(post(amara, body(std::to_string(i))));
  struct Listing {
    Query query;
    std::vector<int> all;
  };
  const std::vector<Listing> listings{
      {{}, {11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
      {{{"order", "asc"}}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
      {{{"afterSeq", "2"}, {"beforeSeq", "10"}}, {9, 8, 7, 6, 5, 4, 3}},
      {{{"order", "asc"}, {"afterSeq", "2"}, {"beforeSeq", "10"}}, {3, 4, 5, 6, 7, 8, 9}},
  };
  for (const auto& listing : listings) {
    auto query = listing.query;
    query.emplace_back("channelId", ward.text());
    query.emplace_back("limit", "3");
    auto page = get(bo, query);
    ASSERT_TRUE(page);
    EXPECT_FALSE(link(*page, "prev"));
    auto forward = seqs(*page);
    while (const auto next = link(*page, "next")) {
      page = get(bo, *next);
      ASSERT_TRUE(page);
      const auto some = seqs(*page);
      forward.insert(forward.end(), some.begin(), some.end());
    }
    EXPECT_EQ(forward, listing.all);
    auto backward = seqs(*page);
    while (const auto previous = link(*page, "prev")) {
      page = get(bo, *previous);
      ASSERT_TRUE(page);
      const auto some = seqs(*page);
      backward.insert(backward.begin(), some.begin(), some.end());
    }
    EXPECT_EQ(backward, listing.all);
  }
}

TEST_F(MessageRoutesTest, RefusesWhatItDoesNotOfferInsteadOfIgnoringIt) {
  const auto refused = get(amara, {{"channelId", ward.text()}, {"senderId", bo.user.text()}, {"chanelId", "x"}});
  ASSERT_FALSE(refused);
  std::vector<std::pair<std::string, FieldCode>> fields;
  for (const auto& field : refused.error().fields) fields.emplace_back(field.field, field.code);
  EXPECT_THAT(fields, testing::UnorderedElementsAre(testing::Pair("senderId", FieldCode::not_allowed),
                                                    testing::Pair("chanelId", FieldCode::unknown_field)));
  EXPECT_EQ(get(amara, {}).error().fields.front().code, FieldCode::required);
  EXPECT_EQ(get(amara, {{"channelId", "7"}}).error().fields.front().code, FieldCode::format);
}

TEST_F(MessageRoutesTest, ACursorIsGoodForItsChannelOrderAndCallerOnly) {
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(post(amara, body(std::to_string(i))));
  const auto page = get(bo, {{"channelId", ward.text()}, {"limit", "1"}});
  const auto next = *link(*page, "next");
  EXPECT_THAT(seqs(*get(bo, next)), ElementsAre(2));
  EXPECT_EQ(get(amara, next).error().code, ErrorCode::bad_request);
  auto turned = next;
  turned.emplace_back("order", "asc");
  EXPECT_EQ(get(bo, turned).error().code, ErrorCode::bad_request);
  auto narrowed = next;
  narrowed.emplace_back("afterSeq", "1");
  EXPECT_EQ(get(bo, narrowed).error().code, ErrorCode::bad_request);
}

TEST_F(MessageRoutesTest, AnswersReactionsWithTheCallersOwnMarked) {
  const auto sent = post(amara, body("x"));
  const auto id = header(*sent, "Location").substr(std::string_view("/api/messages/").size());
  chat.change(
      fmt::format("INSERT INTO message_reactions (id, message_id, user_id, reaction) VALUES "
                  "(gen_random_uuid(), '{0}', '{1}', 'ok'), (gen_random_uuid(), '{0}', '{2}', 'ok')",
                  id, amara.user.text(), bo.user.text()));
  EXPECT_THAT(get(bo, {{"channelId", ward.text()}})->body,
              HasSubstr(R"("reactions":[{"reaction":"ok","count":2,"mine":true}])"));
}

}  // namespace
}  // namespace mcp::messages
