// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects who hears a channel: nobody before the entry of the access is durable, nobody who is no member, and nobody
// beyond the seq at which a membership ended.
#include "channels/membership_service.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "messages/message_service.hpp"
#include "support/chat.hpp"

namespace mcp::messages {
namespace {

using channels::ChannelRole;
using channels::Joined;
using channels::LiveRange;
using channels::MembershipService;
using test::Listening;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DeliveryTest : public testing::Test {
 protected:
  Result<Joined> join(const Actor& who, ChannelId channel, const Listening& at) {
    return chat.run(service.join(who, channel, at.connection));
  }
  Result<> leave(const Actor& who, ChannelId channel, const Listening& at, bool keep = false, LiveRange live = {}) {
    return chat.run(service.leave(who, channel, keep, at.connection, live));
  }
  static Draft draft(ChannelId channel, std::string text) {
    Draft made;
    made.channel = channel;
    made.text = MessageText(std::move(text));
    return made;
  }
  Result<Sent> send(const Actor& who, ChannelId channel) { return chat.run(sender.send(who, draft(channel, "text"))); }
  bool is_member(const Actor& who, ChannelId channel) {
    return chat.number(fmt::format("SELECT count(*) FROM channel_members WHERE channel_id = '{}' AND user_id = '{}'",
                                   channel.text(), who.user.text())) == 1;
  }

  test::Chat chat;
  MembershipService service{chat.ledger, chat.hub};
  MessageService sender{chat.pool, chat.ledger, chat.keys, chat.hub, {}};
  Actor amara = chat.person("amara");
  Actor bo = chat.person("bo-2");
  ChannelId lobby = chat.channel("Lobby", "public", {amara});
  ChannelId ward = chat.channel("Ward 4", "private", {amara, bo});
};

TEST_F(DeliveryTest, JoiningAPublicChannelMakesAMemberAndStartsDelivery) {
  ASSERT_TRUE(send(amara, lobby));
  Listening at_bo(chat, bo);
  const auto joined = join(bo, lobby, at_bo);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->head_seq, 1);
  EXPECT_EQ(joined->live_from, 2);
  EXPECT_EQ(joined->last_read_seq, 1);
  EXPECT_EQ(joined->role, ChannelRole::member);
  EXPECT_TRUE(is_member(bo, lobby));
  EXPECT_EQ(chat.entries("channel_joined"), 1);
  EXPECT_THAT(chat.details("phi_access"), HasSubstr(R"("seqRanges": [[2, null]])"));
  EXPECT_THAT(chat.details("phi_access"), HasSubstr(R"("count": null)"));
  ASSERT_TRUE(send(amara, lobby));
  chat.settle();
  EXPECT_EQ(at_bo.recorder.live_from, 2);
  EXPECT_THAT(at_bo.recorder.seqs(), ElementsAre(2));
}

TEST_F(DeliveryTest, LeavingAPublicChannelEndsMembershipAndDeliveryEverywhere) {
  Listening here(chat, bo);
  Listening elsewhere(chat, bo);
  Listening at_amara(chat, amara);
  ASSERT_TRUE(join(bo, lobby, here));
  ASSERT_TRUE(join(bo, lobby, elsewhere));
  ASSERT_TRUE(join(amara, lobby, at_amara));
  ASSERT_TRUE(send(amara, lobby));
  ASSERT_TRUE(leave(bo, lobby, here, false, {.channel = lobby, .first = 1, .last = 0}));
  ASSERT_TRUE(send(amara, lobby));
  chat.settle();
  EXPECT_FALSE(is_member(bo, lobby));
  EXPECT_THAT(here.recorder.seqs(), ElementsAre(1));
  EXPECT_THAT(elsewhere.recorder.seqs(), ElementsAre(1));
  EXPECT_THAT(here.recorder.notices, IsEmpty());  // the ack tells this one
  EXPECT_TRUE(elsewhere.recorder.saw("membership_ended"));
  EXPECT_TRUE(at_amara.recorder.saw(R"("type":"member_left")"));
  EXPECT_EQ(chat.entries("channel_left"), 1);
  EXPECT_THAT(chat.details("phi_access"), HasSubstr(R"("seqRanges": [[1, 1]])"));
  EXPECT_EQ(send(bo, lobby).error().code, ErrorCode::forbidden);
}

TEST_F(DeliveryTest, KeepingTheMembershipEndsDeliveryHereOnly) {
  Listening here(chat, bo);
  Listening elsewhere(chat, bo);
  ASSERT_TRUE(join(bo, lobby, here));
  ASSERT_TRUE(join(bo, lobby, elsewhere));
  ASSERT_TRUE(leave(bo, lobby, here, true, {.channel = lobby, .first = 1, .last = 0}));
  ASSERT_TRUE(send(amara, lobby));
  chat.settle();
  EXPECT_TRUE(is_member(bo, lobby));
  EXPECT_THAT(here.recorder.seqs(), IsEmpty());
  EXPECT_THAT(elsewhere.recorder.seqs(), ElementsAre(1));
  EXPECT_EQ(chat.entries("channel_left"), 0);
  EXPECT_THAT(chat.details("phi_access"), HasSubstr(R"("seqRanges": [])"));
}

TEST_F(DeliveryTest, TheLastAdminStaysWhileOthersAreThere) {
  Listening at_amara(chat, amara);
  Listening at_bo(chat, bo);
  ASSERT_TRUE(join(amara, lobby, at_amara));
  ASSERT_TRUE(join(bo, lobby, at_bo));
  const auto refused = leave(amara, lobby, at_amara);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::last_admin);
  ASSERT_TRUE(send(bo, lobby));
  chat.settle();
  EXPECT_THAT(at_amara.recorder.seqs(), ElementsAre(1));  // a refusal changes nothing
  ASSERT_TRUE(leave(bo, lobby, at_bo));
  EXPECT_TRUE(leave(amara, lobby, at_amara));  // nobody else is left
}

// A leave, and sends of others and of the leaving person, all in flight: whatever the batches are, the leave has one
// place between two seqs, nothing behind it is delivered, and the person writes nothing behind it.
TEST_F(DeliveryTest, NothingIsDeliveredOrSentBeyondTheLeave) {
  for (int round = 0; round < 5; ++round) {
    Listening at_bo(chat, bo);
    Listening at_amara(chat, amara);
    ASSERT_TRUE(join(bo, lobby, at_bo));
    ASSERT_TRUE(join(amara, lobby, at_amara));
    std::vector<std::int64_t> sent_by_bo;
    struct Steps {
      static Task<int> send(MessageService* sender, Actor who, Draft what, std::vector<std::int64_t>* seqs) {
        const auto sent = co_await sender->send(std::move(who), std::move(what));
        if (sent && seqs != nullptr) seqs->push_back(sent->seq);
        co_return 0;
      }
      static Task<int> leave(MembershipService* service, Actor who, ChannelId channel, realtime::ConnectionRef at) {
        const auto left = co_await service->leave(std::move(who), channel, false, at, {});
        EXPECT_TRUE(left);
        co_return 0;
      }
    };
    std::vector<Task<int>> steps;
    for (int i = 0; i < 60; ++i) {
      if (i == 25) steps.push_back(Steps::leave(&service, bo, lobby, at_bo.connection));
      steps.push_back(
          Steps::send(&sender, i % 2 == 0 ? amara : bo, draft(lobby, "x"), i % 2 == 0 ? nullptr : &sent_by_bo));
    }
    chat.run_together(std::move(steps));
    chat.settle();
    const auto& left = at_amara.recorder.events;
    const auto notice = std::ranges::find_if(left, [](const auto& e) { return e.frame.contains("member_left"); });
    ASSERT_NE(notice, left.end());
    std::int64_t last_seq = 0;
    for (auto at = left.begin(); at != notice; ++at) last_seq = std::max(last_seq, at->seq);
    EXPECT_TRUE(notice->frame.contains(fmt::format(R"("seq":{}}})", last_seq)));
    for (const auto seq : at_bo.recorder.seqs()) EXPECT_LE(seq, last_seq);
    EXPECT_EQ(at_bo.recorder.seqs().back(), last_seq);
    for (const auto seq : sent_by_bo) EXPECT_LE(seq, last_seq);
  }
}
}  // namespace
}  // namespace mcp::messages
