// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the bound of what a slow reader may cost, and that nothing of a channel leaves after its listener was
// removed.
#include "realtime/outbox.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace mcp::realtime {
namespace {

Frame frame_of(std::string bytes) { return std::make_shared<const std::string>(std::move(bytes)); }

std::shared_ptr<QueueTotal> roomy_total() { return std::make_shared<QueueTotal>(std::size_t{1} << 30); }

std::string gathered(const Outbox& outbox, std::size_t pieces_max = 64) {
  std::vector<iovec> pieces(pieces_max);
  const std::size_t count = outbox.gather(pieces);
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
  return bytes;
}

const ChannelId ward{Uuid::v4()};
const ChannelId lab{Uuid::v4()};

TEST(TextFrame, HasTheShortestHeader) {
  EXPECT_EQ(*text_frame("hi"), "\x81\x02hi");
  EXPECT_EQ(text_frame(std::string(125, 'a'))->substr(0, 2), "\x81\x7D");
  EXPECT_EQ(text_frame(std::string(126, 'a'))->substr(0, 4), std::string("\x81\x7E\x00\x7E", 4));
  EXPECT_EQ(text_frame(std::string(65535, 'a'))->substr(0, 4), "\x81\x7E\xFF\xFF");
  EXPECT_EQ(text_frame(std::string(65536, 'a'))->substr(0, 10), std::string("\x81\x7F\0\0\0\0\0\x01\0\0", 10));
  EXPECT_EQ(text_frame(std::string(65536, 'a'))->size(), 65546U);
}

TEST(Outbox, GivesTheBytesInOrderHoweverTheyAreWritten) {
  QueueBudget budget(roomy_total());
  for (std::size_t step = 1; step < 12; ++step) {
    Outbox outbox(1000, budget);
    std::string expected;
    for (int i = 0; i < 200; ++i) {
      const std::string bytes = "frame" + std::to_string(i) + ";";
      if (expected.size() + bytes.size() <= 1000) {
        EXPECT_TRUE(outbox.push(frame_of(bytes), Delivery::reliable));
        expected += bytes;
      }
    }
    std::string written;
    while (!outbox.empty()) {
      const std::string next = gathered(outbox, 3).substr(0, step);
      written += next;
      outbox.consume(next.size());
      EXPECT_EQ(outbox.bytes(), expected.size() - written.size());
    }
    EXPECT_EQ(written, expected);
    EXPECT_EQ(budget.bytes(), 0U);
  }
}

TEST(Outbox, RefusesAReliableFrameThatDoesNotFit) {
  QueueBudget budget(roomy_total());
  Outbox outbox(100, budget);
  EXPECT_TRUE(outbox.push(frame_of(std::string(60, 'a')), Delivery::reliable));
  EXPECT_FALSE(outbox.push(frame_of(std::string(41, 'b')), Delivery::reliable));
  EXPECT_TRUE(outbox.push(frame_of(std::string(40, 'c')), Delivery::reliable));
  EXPECT_EQ(outbox.bytes(), 100U);
  outbox.push_last(frame_of("close"));
  EXPECT_EQ(outbox.bytes(), 105U);
  EXPECT_FALSE(outbox.push(frame_of("x"), Delivery::reliable));
}

TEST(Outbox, DropsDroppableFramesFromThreeQuartersOn) {
  QueueBudget budget(roomy_total());
  Outbox outbox(100, budget);
  EXPECT_TRUE(outbox.push(frame_of(std::string(74, 'a')), Delivery::reliable));
  EXPECT_TRUE(outbox.push(frame_of("t"), Delivery::droppable));
  EXPECT_EQ(outbox.bytes(), 75U);
  EXPECT_TRUE(outbox.push(frame_of("t"), Delivery::droppable));
  EXPECT_EQ(outbox.bytes(), 75U);
  outbox.consume(60);
  EXPECT_TRUE(outbox.push(frame_of(std::string(90, 't')), Delivery::droppable))
      << "one that does not fit closes nothing";
  EXPECT_EQ(outbox.bytes(), 15U);
}

TEST(Outbox, RemovesWhatHasNotBegunToLeaveOfOneChannel) {
  QueueBudget budget(roomy_total());
  Outbox outbox(1000, budget);
  for (int i = 0; i < 3; ++i) {
    outbox.push(frame_of("ward" + std::to_string(i)), Delivery::reliable, ward);
    outbox.push(frame_of("lab" + std::to_string(i)), Delivery::reliable, lab);
    outbox.push(frame_of("ack" + std::to_string(i)), Delivery::reliable);
  }
  outbox.consume(2);  // "wa" has left, so the rest of this frame must follow
  outbox.drop_channel(ward);
  EXPECT_EQ(gathered(outbox), "rd0lab0ack0lab1ack1lab2ack2");
  EXPECT_EQ(outbox.bytes(), gathered(outbox).size());
  EXPECT_EQ(budget.bytes(), outbox.bytes());
  outbox.drop_all();
  EXPECT_EQ(gathered(outbox), "rd0");
}

TEST(Outbox, ForgetsNothingWhenItsFrontMoves) {
  // Long queues are compacted while they drain: the order must survive it.
  QueueBudget budget(roomy_total());
  Outbox outbox(1 << 20, budget);
  std::string expected;
  std::string written;
  for (int round = 0; round < 1000; ++round) {
    for (int i = 0; i < 3; ++i) {
      const std::string bytes = std::to_string(round * 3 + i) + ",";
      expected += bytes;
      EXPECT_TRUE(outbox.push(frame_of(bytes), Delivery::reliable));
    }
    const std::string next = gathered(outbox, 2);
    written += next;
    outbox.consume(next.size());
  }
  EXPECT_EQ(written + gathered(outbox, 2000), expected);
}

TEST(QueueBudget, KeepsTheTotalOfAllShardsToWithinOneStepEach) {
  const auto total = std::make_shared<QueueTotal>(std::size_t{300'000});
  QueueBudget first(total);
  QueueBudget second(total);
  Outbox a(1 << 20, first);
  Outbox b(1 << 20, second);
  EXPECT_TRUE(a.push(frame_of(std::string(200'000, 'a')), Delivery::reliable));
  EXPECT_FALSE(first.is_exceeded());
  EXPECT_TRUE(b.push(frame_of(std::string(200'000, 'b')), Delivery::reliable));
  EXPECT_TRUE(first.is_exceeded());
  EXPECT_EQ(total->bytes(), 400'000U);
  b.consume(200'000);
  EXPECT_FALSE(second.is_exceeded());
  {
    Outbox c(1 << 20, second);
    EXPECT_TRUE(c.push(frame_of(std::string(10'000, 'c')), Delivery::reliable));
  }
  a.consume(200'000);
  EXPECT_EQ(total->bytes(), 0U);
}

}  // namespace
}  // namespace mcp::realtime
