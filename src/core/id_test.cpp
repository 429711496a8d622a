// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/id.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <thread>
#include <type_traits>
#include <vector>

namespace mcp {
namespace {

static_assert(!std::is_convertible_v<UserId, ChannelId> && !std::is_constructible_v<UserId, ChannelId>);
static_assert(!std::is_convertible_v<Uuid, UserId>);

int version_of(const Uuid& uuid) { return uuid.bytes()[6] >> 4; }
int variant_of(const Uuid& uuid) { return uuid.bytes()[8] >> 6; }

// Protects message order: ids made one after the other sort in that order, also within one millisecond.
TEST(Uuid, VersionSevenIsOrderedAndDated) {
  const auto before = system_now().time_since_epoch().count();
  std::vector<Uuid> made;
  for (int i = 0; i < 10'000; ++i) made.push_back(Uuid::v7());
  EXPECT_TRUE(std::ranges::is_sorted(made));
  EXPECT_EQ(std::ranges::adjacent_find(made), made.end());
  std::int64_t milliseconds = 0;
  for (std::size_t i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | made.front().bytes()[i];
  EXPECT_GE(milliseconds, before);
  EXPECT_LE(milliseconds, system_now().time_since_epoch().count());
  EXPECT_EQ(version_of(made.front()), 7);
  EXPECT_EQ(variant_of(made.front()), 2);
}

TEST(Uuid, ThreadsNeverMakeTheSameOne) {
  std::vector<std::vector<Uuid>> made(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : made) {
      threads.emplace_back([&mine] {
        for (int i = 0; i < 5000; ++i) mine.push_back(i % 2 == 0 ? Uuid::v7() : Uuid::v4());
      });
    }
  }
  std::set<Uuid> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 20'000U);
}

TEST(Uuid, AForkedProcessMakesOthers) {
  (void)Uuid::v4();  // the buffer of random bytes is filled
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto text = Uuid::v4().text();
    _exit(write(ends[1], text.data(), text.size()) == 36 ? 0 : 1);
  }
  const auto ours = Uuid::v4();
  std::string theirs(36, ' ');
  ASSERT_EQ(read(ends[0], theirs.data(), theirs.size()), 36);
  waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
  EXPECT_NE(theirs, ours.text());
}

TEST(Uuid, ReadsEitherCaseAndWritesLower) {
  const auto uuid = Uuid::parse("0190F3A4-7B2C-7DEF-8123-456789ABCDEF");
  ASSERT_TRUE(uuid.has_value());
  EXPECT_EQ(uuid->text(), "0190f3a4-7b2c-7def-8123-456789abcdef");
  const auto random = Uuid::v4();
  EXPECT_EQ(Uuid::parse(random.text()), random);
  EXPECT_EQ(version_of(random), 4);
}

TEST(Uuid, RefusesOtherText) {
  for (const char* text : {"", "0190f3a4-7b2c-7def-8123-456789abcde", "0190f3a4-7b2c-7def-8123-456789abcdef0",
                           "0190f3a47b2c-7def-8123-456789abcdef--", "g190f3a4-7b2c-7def-8123-456789abcdef",
                           "{190f3a4-7b2c-7def-8123-456789abcde}", "0190f3a4 7b2c-7def-8123-456789abcdef"}) {
    EXPECT_FALSE(Uuid::parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace mcp
