// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/clock.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mcp {
namespace {

// Protects the times on the wire and in hashed audit entries: one moment has one text.
struct TimeCase {
  const char* text;
  const char* utc;  // nullptr: refused
};
class Iso8601 : public testing::TestWithParam<TimeCase> {};

TEST_P(Iso8601, IsReadStrictly) {
  const auto time = parse_iso8601(GetParam().text);
  if (GetParam().utc == nullptr) {
    EXPECT_FALSE(time.has_value()) << GetParam().text;
  } else {
    ASSERT_TRUE(time.has_value()) << GetParam().text;
    EXPECT_EQ(to_iso8601(*time), GetParam().utc);
  }
}

INSTANTIATE_TEST_SUITE_P(
    , Iso8601,
    testing::Values(TimeCase{"2026-01-31T12:00:00.000Z", "2026-01-31T12:00:00.000Z"},
                    TimeCase{"2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z"},
                    TimeCase{"2026-01-31T12:00:00.1Z", "2026-01-31T12:00:00.100Z"},
                    TimeCase{"2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.123Z"},
                    TimeCase{"2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00.000Z"},
                    TimeCase{"2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"},
                    TimeCase{"2026-01-31T12:00:00-00:30", "2026-01-31T12:30:00.000Z"},
                    TimeCase{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
                    TimeCase{"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
                    TimeCase{"2025-02-29T00:00:00Z", nullptr}, TimeCase{"2026-13-01T00:00:00Z", nullptr},
                    TimeCase{"2026-01-31T24:00:00Z", nullptr}, TimeCase{"2026-01-31T12:60:00Z", nullptr},
                    TimeCase{"2026-01-31T12:00:60Z", nullptr}, TimeCase{"2026-01-31T12:00:00", nullptr},
                    TimeCase{"2026-01-31 12:00:00Z", nullptr}, TimeCase{"2026-01-31T12:00:00.Z", nullptr},
                    TimeCase{"2026-01-31T12:00:00.1234567890Z", nullptr}, TimeCase{"2026-01-31T12:00:00+0200", nullptr},
                    TimeCase{"2026-01-31T12:00:00+24:00", nullptr}, TimeCase{"2026-01-31T12:00:00Z ", nullptr},
                    TimeCase{"26-01-31T12:00:00Z", nullptr}, TimeCase{"", nullptr},
                    TimeCase{"2026-1-31T12:00:00Z", nullptr}, TimeCase{"+026-01-31T12:00:00Z", nullptr}));

}  // namespace
}  // namespace mcp
