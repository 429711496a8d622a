// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects who becomes, stays and ceases to be a member, and that each start and end of live delivery leaves its entry.
#include "channels/membership_service.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/events.hpp"
#include "support/chat.hpp"

namespace mcp::channels {
namespace {

using test::Listening;
using testing::IsEmpty;

class MembershipServiceTest : public testing::Test {
 protected:
  Result<Joined> join(const Actor& who, ChannelId channel, const Listening& at) {
    return chat.run(service.join(who, channel, at.connection));
  }
  Result<> leave(const Actor& who, ChannelId channel, const Listening& at, bool keep = false, LiveRange live = {}) {
    return chat.run(service.leave(who, channel, keep, at.connection, live));
  }
  bool is_member(const Actor& who, ChannelId channel) {
    return chat.number(fmt::format("SELECT count(*) FROM channel_members WHERE channel_id = '{}' AND user_id = '{}'",
                                   channel.text(), who.user.text())) == 1;
  }

  test::Chat chat;
  MembershipService service{chat.ledger, chat.hub};
  Actor amara = chat.person("amara");
  Actor bo = chat.person("bo-2");
  ChannelId lobby = chat.channel("Lobby", "public", {amara});
  ChannelId ward = chat.channel("Ward 4", "private", {amara, bo});
};

TEST_F(MembershipServiceTest, AMemberWhoJoinsAgainGetsNoSecondMembership) {
  Listening one(chat, bo);
  Listening two(chat, bo);
  ASSERT_TRUE(join(bo, lobby, one));
  ASSERT_TRUE(join(bo, lobby, two));
  EXPECT_EQ(chat.entries("channel_joined"), 1);
  EXPECT_EQ(chat.entries("phi_access"), 2);
}

TEST_F(MembershipServiceTest, JoinsOfOnePersonAtOnceMakeOneMembership) {
  std::vector<std::unique_ptr<Listening>> connections;
  std::vector<Task<Result<Joined>>> joins;
  for (int i = 0; i < 5; ++i) {
    connections.push_back(std::make_unique<Listening>(chat, bo));
    joins.push_back(service.join(bo, lobby, connections.back()->connection));
  }
  for (const auto& joined : chat.run_together(std::move(joins))) EXPECT_TRUE(joined);
  EXPECT_EQ(chat.entries("channel_joined"), 1);
  EXPECT_EQ(chat.entries("phi_access"), 5);
}

TEST_F(MembershipServiceTest, OthersAreToldOfANewMemberAndTheNewOneIsNot) {
  Listening at_amara(chat, amara);
  Listening at_bo(chat, bo);
  ASSERT_TRUE(join(amara, lobby, at_amara));
  ASSERT_TRUE(join(bo, lobby, at_bo));
  chat.settle();
  EXPECT_TRUE(at_amara.recorder.saw("member_joined"));
  EXPECT_TRUE(at_amara.recorder.saw(bo.user.text()));
  EXPECT_THAT(at_bo.recorder.events, IsEmpty());
}

struct RefusedJoin {
  const char* name;
  const char* role;
  const char* channel;  // kind
  const char* change;   // {} the channel
  ErrorCode code;
};
class RefusedJoins : public MembershipServiceTest, public testing::WithParamInterface<RefusedJoin> {};

TEST_P(RefusedJoins, DeliverNothing) {
  const Actor stranger = chat.person("stranger", GetParam().role);
  const auto channel = chat.channel("Other", GetParam().channel, {amara});
  chat.change(fmt::format(fmt::runtime(GetParam().change), channel.text()));
  Listening at_stranger(chat, stranger);
  const auto refused = join(stranger, channel, at_stranger);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, GetParam().code);
  EXPECT_FALSE(is_member(stranger, channel));
  EXPECT_EQ(chat.entries("phi_access"), 0);
  EXPECT_EQ(chat.entries("authorization_failure"), GetParam().code == ErrorCode::conflict ? 0 : 1);
  chat.settle();
  EXPECT_EQ(at_stranger.recorder.live_from, 0);
}

INSTANTIATE_TEST_SUITE_P(
    , RefusedJoins,
    testing::Values(
        RefusedJoin{"private_channel", "user", "private", "SELECT '{}'", ErrorCode::not_found},
        RefusedJoin{"private_channel_for_an_admin", "super_admin", "private", "SELECT '{}'", ErrorCode::not_found},
        RefusedJoin{"unknown_channel", "user", "public", "DELETE FROM channels WHERE id = '{}'", ErrorCode::not_found},
        RefusedJoin{"role_without_reading", "auditor", "public", "SELECT '{}'", ErrorCode::not_found},
        RefusedJoin{"role_that_lost_joining", "user", "public",
                    "DELETE FROM role_permissions rp USING permissions p WHERE p.id = rp.permission_id AND p.name = "
                    "'channel.join' AND '{}' <> ''",
                    ErrorCode::forbidden},
        RefusedJoin{"role_that_lost_reading", "user", "public",
                    "DELETE FROM role_permissions rp USING permissions p WHERE p.id = rp.permission_id AND p.name = "
                    "'message.read' AND '{}' <> ''",
                    ErrorCode::forbidden},
        RefusedJoin{"archived", "user", "public", "UPDATE channels SET archived = true WHERE id = '{}'",
                    ErrorCode::conflict}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(MembershipServiceTest, MembersHearAnArchivedChannel) {
  chat.change("UPDATE channels SET archived = true WHERE id = '" + ward.text() + "'");
  Listening at_bo(chat, bo);
  EXPECT_TRUE(join(bo, ward, at_bo));
}

TEST_F(MembershipServiceTest, PrivateMembershipsOutliveALeaveOverASocket) {
  Listening at_bo(chat, bo);
  ASSERT_TRUE(join(bo, ward, at_bo));
  ASSERT_TRUE(leave(bo, ward, at_bo));
  EXPECT_TRUE(is_member(bo, ward));
}

TEST_F(MembershipServiceTest, LeavingWhatWasNeverJoinedIsAcknowledged) {
  Listening at_bo(chat, bo);
  EXPECT_TRUE(leave(bo, lobby, at_bo));
  EXPECT_TRUE(leave(bo, ChannelId(Uuid::v4()), at_bo));
  EXPECT_EQ(chat.entries("phi_access"), 0);
  EXPECT_EQ(chat.entries("channel_left"), 0);
}

TEST_F(MembershipServiceTest, TwoLastAdminsDoNotBothLeaveAtOnce) {
  const Actor carla = chat.person("carla");
  const auto club = chat.channel("Club", "public", {amara, bo, carla});
  chat.change("UPDATE channel_members SET role = 'admin' WHERE user_id = '" + bo.user.text() + "'");
  Listening at_amara(chat, amara);
  Listening at_bo(chat, bo);
  std::vector<Task<Result<>>> leaves;
  leaves.push_back(service.leave(amara, club, false, at_amara.connection, {}));
  leaves.push_back(service.leave(bo, club, false, at_bo.connection, {}));
  const auto answers = chat.run_together(std::move(leaves));
  EXPECT_NE(answers[0].has_value(), answers[1].has_value());
  EXPECT_EQ(
      chat.number("SELECT count(*) FROM channel_members WHERE role = 'admin' AND channel_id = '" + club.text() + "'"),
      1);
}

TEST_F(MembershipServiceTest, TheEndOfAConnectionClosesItsAccessEntries) {
  service.delivery_ended(bo, {{.channel = lobby, .first = 3, .last = 9},
                              {.channel = ward, .first = 5, .last = 4},
                              {.channel = ward, .first = 0, .last = 0}});
  chat.run(chat.ledger.commit(std::make_shared<ledger::AuditUnit>(audit::server_entry("audit_read", {}))));
  EXPECT_EQ(chat.entries("phi_access"), 1);
  EXPECT_EQ(chat.details("phi_access"),
            fmt::format(R"({{"via": "live", "channels": [{{"count": null, "channelId": "{}", "seqRanges": [[3, 9]]}}, )"
                        R"({{"count": null, "channelId": "{}", "seqRanges": []}}]}})",
                        lobby.text(), ward.text()));
}

TEST_F(MembershipServiceTest, AConnectionOnManyChannelsNeedsNoOversizedEntry) {
  std::vector<LiveRange> ranges;
  ranges.reserve(120);
  for (int i = 0; i < 120; ++i)
    ranges.push_back({.channel = ChannelId(Uuid::v4()), .first = 1LL << 52, .last = 1LL << 52});
  service.delivery_ended(bo, ranges);
  chat.run(chat.ledger.commit(std::make_shared<ledger::AuditUnit>(audit::server_entry("audit_read", {}))));
  EXPECT_EQ(chat.entries("phi_access"), 3);
}

}  // namespace
}  // namespace mcp::channels
