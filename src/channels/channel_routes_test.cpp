// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects which channels exist for whom, and that a list read page by page repeats and skips nothing.
#include "channels/channel_routes.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channels/direct_channel_service.hpp"
#include "crypto/envelope.hpp"
#include "support/chat.hpp"

namespace mcp::channels {
namespace {

using testing::HasSubstr;
using testing::Not;

class ChannelRoutesTest : public testing::Test {
 protected:
  using Query = std::vector<std::pair<std::string, std::string>>;

  Result<http::Response> get(const Actor& actor, Query query) {
    http::Call what;
    what.request.path = "/api/channels";
    what.request.query = std::move(query);
    what.actor = actor;
    return call(0, std::move(what));
  }
  Result<http::Response> get_one(const Actor& actor, const std::string& id) {
    http::Call what;
    what.request.path = "/api/channels/" + id;
    what.request.path_parameters = {{"id", id}};
    what.actor = actor;
    return call(1, std::move(what));
  }
  Result<http::Response> call(std::size_t route, http::Call what) {
    return chat.run(channel_routes(service)[route].handler(std::move(what)));
  }
  static std::string header(const http::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }
  static std::vector<std::string> names(const http::Response& response) {
    std::vector<std::string> found;
    constexpr std::string_view member = R"("isPrivate":)";
    for (auto at = response.body.find(member); at != std::string::npos; at = response.body.find(member, at + 1)) {
      const auto name = response.body.find(R"("name":)", at) + 7;
      const bool is_null = response.body.compare(name, 4, "null") == 0;
      found.push_back(is_null ? "-" : response.body.substr(name + 1, response.body.find('"', name + 1) - name - 1));
    }
    return found;
  }
  // The cursor of the link with this relation; empty when there is none.
  static std::string cursor(const http::Response& response, std::string_view relation) {
    const auto link = header(response, "Link");
    const auto end = link.find(fmt::format(R"(>; rel="{}")", relation));
    if (end == std::string::npos) return {};
    const auto begin = link.rfind('=', end) + 1;
    return link.substr(begin, end - begin);
  }

  test::Chat chat;
  ChannelService service{chat.pool, chat.ledger, chat.keys};
  Actor amara = chat.person("amara");
  Actor bo = chat.person("bo-2");
  ChannelId ward = chat.channel("Ward 4", "private", {amara});
};

TEST_F(ChannelRoutesTest, EachSeesPublicOnesAndTheOwnPrivateOnes) {
  EXPECT_THAT(names(*get(amara, {})), testing::ElementsAre("Announcements", "General", "Ward 4"));
  EXPECT_THAT(names(*get(bo, {})), testing::ElementsAre("Announcements", "General"));
  const Actor administrator = chat.person("administrator", "admin");
  EXPECT_THAT(names(*get(administrator, {})), testing::ElementsAre("Announcements", "General", "Ward 4"));
  EXPECT_EQ(header(*get(bo, {}), "X-Total-Count"), "2");
}

TEST_F(ChannelRoutesTest, WhatOnlyMembersSeeIsMissingForOthers) {
  const Actor administrator = chat.person("administrator", "admin");
  const auto of_member = get_one(amara, ward.text())->body;
  const auto of_other = get_one(administrator, ward.text())->body;
  EXPECT_THAT(of_member, HasSubstr(R"("isMember":true,"myRole":"admin","lastSeq":0,"lastReadSeq":0,"unreadCount":0)"));
  EXPECT_THAT(of_other, HasSubstr(R"("isMember":false,"myRole":null)"));
  EXPECT_THAT(of_other, Not(HasSubstr("lastSeq")));
  EXPECT_EQ(get_one(bo, ward.text()).error().code, ErrorCode::not_found);
  EXPECT_EQ(get_one(bo, Uuid::v4().text()).error().code, ErrorCode::not_found);
  EXPECT_EQ(get_one(bo, "7").error().code, ErrorCode::validation_failed);
}

TEST_F(ChannelRoutesTest, DirectChannelsAreTheirTwoMembersOnly) {
  DirectChannelService direct(chat.pool, chat.ledger);
  const auto opened =
      chat.run(direct.open(amara, bo.user, {.route = "POST /api/messages", .frame_type = "send_message"}));
  ASSERT_TRUE(opened);
  const auto seen = get_one(bo, opened->id.text());
  ASSERT_TRUE(seen);
  EXPECT_THAT(seen->body, HasSubstr(R"("kind":"direct","isPrivate":true,"name":null)"));
  EXPECT_THAT(seen->body, HasSubstr(fmt::format(R"("peer":{{"id":"{}","username":"amara","displayName":"amara")",
                                                amara.user.text())));
  const Actor administrator = chat.person("administrator", "super_admin");
  EXPECT_EQ(get_one(administrator, opened->id.text()).error().code, ErrorCode::not_found);
  EXPECT_THAT(names(*get(administrator, {{"kind", "direct"}})), testing::IsEmpty());
  EXPECT_THAT(names(*get(bo, {{"kind", "direct"}})), testing::ElementsAre("-"));
}

TEST_F(ChannelRoutesTest, FiltersNarrowTheList) {
  chat.channel("Emergency_Room", "public", {amara});
  const auto closed = chat.channel("Closed", "public", {amara});
  chat.change("UPDATE channels SET archived = true WHERE id = '" + closed.text() + "'");
  EXPECT_THAT(names(*get(amara, {{"archived", "true"}})), testing::ElementsAre("Closed"));
  EXPECT_THAT(names(*get(amara, {{"member", "true"}})), testing::ElementsAre("Emergency_Room", "Ward 4"));
  EXPECT_THAT(names(*get(amara, {{"member", "false"}})), testing::ElementsAre("Announcements", "General"));
  EXPECT_THAT(names(*get(amara, {{"kind", "private"}})), testing::ElementsAre("Ward 4"));
  EXPECT_THAT(names(*get(amara, {{"search", "ENCY_R"}})), testing::ElementsAre("Emergency_Room"));
  EXPECT_THAT(names(*get(amara, {{"search", "%"}})), testing::IsEmpty());  // taken literally
}

TEST_F(ChannelRoutesTest, PagesForwardAndBackwardMeetWithoutGapOrRepeat) {
  for (int i = 0; i < 23; ++i) {
    const auto made = chat.channel(fmt::format("Room {:02}", i), "public", {amara});
    chat.change(fmt::format("UPDATE channels SET last_activity = now() - interval '{} hours' WHERE id = '{}'", i / 3,
                            made.text()));  // ties
  }
  for (const auto* sort : {"name", "lastActivity"}) {
    for (const auto* order : {"asc", "desc"}) {
      const auto all = names(*get(bo, {{"sort", sort}, {"order", order}, {"limit", "200"}}));
      ASSERT_EQ(all.size(), 25U);
      std::vector<std::string> forward;
      std::vector<std::string> backward;
      Query query{{"sort", sort}, {"order", order}, {"limit", "4"}};
      auto page = get(bo, query);
      forward = names(*page);
      EXPECT_EQ(cursor(*page, "prev"), "");
      while (!cursor(*page, "next").empty()) {
        auto next = query;
        next.emplace_back("after", cursor(*page, "next"));
        page = get(bo, next);
        const auto some = names(*page);
        forward.insert(forward.end(), some.begin(), some.end());
      }
      EXPECT_EQ(forward, all) << sort << ' ' << order;
      backward = names(*page);
      while (!cursor(*page, "prev").empty()) {
        auto previous = query;
        previous.emplace_back("before", cursor(*page, "prev"));
        page = get(bo, previous);
        const auto some = names(*page);
        backward.insert(backward.begin(), some.begin(), some.end());
      }
      EXPECT_EQ(backward, all) << sort << ' ' << order;
    }
  }
}

TEST_F(ChannelRoutesTest, ACursorIsGoodForItsListAndCallerOnly) {
  chat.channel("Another", "public", {amara});
  const auto page = get(bo, {{"limit", "1"}});
  const auto next = cursor(*page, "next");
  ASSERT_FALSE(next.empty());
  EXPECT_TRUE(get(bo, {{"limit", "1"}, {"after", next}}));
  EXPECT_EQ(get(amara, {{"limit", "1"}, {"after", next}}).error().code, ErrorCode::bad_request);
  EXPECT_EQ(get(bo, {{"order", "desc"}, {"after", next}}).error().code, ErrorCode::bad_request);
  EXPECT_EQ(get(bo, {{"after", next}, {"before", next}}).error().code, ErrorCode::bad_request);
  EXPECT_EQ(get(bo, {{"after", "zz"}}).error().code, ErrorCode::bad_request);
}

TEST_F(ChannelRoutesTest, UnknownAndMalformedParametersAreRefusedByName) {
  const auto refused = get(bo, {{"kinds", "public"}, {"member", "1"}, {"limit", "0"}, {"sort", "id"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::validation_failed);
  std::vector<std::string> fields;
  for (const auto& field : refused.error().fields) fields.push_back(field.field);
  EXPECT_THAT(fields, testing::UnorderedElementsAre("kinds", "member", "limit", "sort"));
}

TEST_F(ChannelRoutesTest, ADescriptionIsShownAndOneThatDoesNotOpenIsNull) {
  const crypto::Place place{
      .purpose = crypto::Purpose::channel_description, .subject = {}, .channel = ward.uuid(), .owner = {}};
  const auto sealed = crypto::seal_envelope(chat.keys, place, "Nurses of ward 4");
  chat.change(fmt::format("UPDATE channels SET description = '{}' WHERE id = '{}'", sealed.json, ward.text()));
  EXPECT_THAT(get_one(amara, ward.text())->body, HasSubstr(R"("description":"Nurses of ward 4")"));
  // The same ciphertext on another channel: bound to its own.
  chat.change(fmt::format("UPDATE channels SET description = '{}' WHERE name = 'General'", sealed.json));
  EXPECT_THAT(get_one(amara, "00000000-0000-0000-0000-000000000001")->body, HasSubstr(R"("description":null)"));
  EXPECT_EQ(chat.entries("decryption_failed"), 1);
  EXPECT_THAT(chat.details("decryption_failed"), HasSubstr(sealed.key.text()));
}

}  // namespace
}  // namespace mcp::channels
