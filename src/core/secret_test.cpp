// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/secret.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <concepts>
#include <new>
#include <ostream>
#include <string>
#include <utility>

namespace mcp {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

// Protects secrets from the ways a value leaks without anybody meaning it.
static_assert(!Streamable<Secret> && !Streamable<MessageText>);
static_assert(!fmt::is_formattable<Secret>::value && !fmt::is_formattable<MessageText>::value);
static_assert(!std::equality_comparable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_copy_constructible_v<MessageText> && !std::is_copy_assignable_v<Secret>);

// The object's own bytes after its life, a short secret's buffer included.
TEST(Secret, LeavesNothingBehindWhenItDies) {
  alignas(Secret) unsigned char memory[sizeof(Secret)];
  auto* secret = new (memory) Secret(std::string("hunter2"));
  ASSERT_EQ(secret->reveal(), "hunter2");
  secret->~Secret();
  const std::string_view left(reinterpret_cast<const char*>(memory), sizeof memory);
  EXPECT_EQ(left.find("hunter"), std::string_view::npos);
}

TEST(Secret, MovesWithoutLeavingACopy) {
  for (const std::string& value : {std::string("short"), std::string(100, 'x')}) {
    Secret from{std::string(value)};
    Secret to(std::move(from));
    EXPECT_EQ(to.reveal(), value);
    EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): the state after a move is what is tested
    Secret assigned(std::string("old"));
    assigned = std::move(to);
    EXPECT_EQ(assigned.reveal(), value);
    EXPECT_TRUE(to.empty());  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(assigned.duplicate().reveal(), value);
  }
}

}  // namespace
}  // namespace mcp
