// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects accounts from guessing, and their owners from being kept out for ever.
#include "identity/lockout.hpp"

#include <gtest/gtest.h>

namespace mcp::identity {
namespace {

using std::chrono::minutes;

const Timestamp start = *parse_iso8601("2026-01-31T12:00:00.000Z");
constexpr LockoutRule rule{.threshold = 5, .time = minutes(30)};

FailureCounter after(int failures, Timestamp at) {
  FailureCounter counter;
  for (int i = 0; i < failures; ++i) counter = counter.after_failure(rule, at);
  return counter;
}

TEST(FailureCounter, LocksAtTheThresholdAndNotBefore) {
  EXPECT_FALSE(after(4, start).is_locked(start));
  EXPECT_TRUE(after(5, start).is_locked(start));
  EXPECT_EQ(after(5, start).locked_until, start + minutes(30));
}

TEST(FailureCounter, IsNotProlongedByFailuresDuringTheLock) {
  const auto later = start + minutes(29);
  EXPECT_EQ(after(5, start).after_failure(rule, later), after(5, start));
}

TEST(FailureCounter, StartsAnewBehindTheLock) {
  const auto behind = start + minutes(30);
  EXPECT_FALSE(after(5, start).is_locked(behind));
  const auto counter = after(5, start).after_failure(rule, behind);
  EXPECT_EQ(counter.failures, 1);
  EXPECT_FALSE(counter.is_locked(behind));
}

TEST(FailureCounter, LocksAtOnceWhenTheThresholdWasLowered) {
  EXPECT_TRUE(after(4, start).after_failure({.threshold = 3, .time = minutes(5)}, start).is_locked(start));
}

}  // namespace
}  // namespace mcp::identity
