// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/variables.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <ostream>
#include <set>

#include "config/test_home.hpp"

namespace mcp::config {

// How GoogleTest shows a parameter of a failed test.
void PrintTo(const Variable& variable, std::ostream* out) { *out << variable.name; }

namespace {

using namespace testing_home;

// Protects every range of contract-config 2, from the same table the server reads: the edges pass, one step beyond does
// not.
class VariableRange : public testing::TestWithParam<Variable> {};

TEST_P(VariableRange, EndsWhereTheTableSays) {
  const auto& variable = GetParam();
  const auto good = [&](std::int64_t value) { return !check_value(variable, std::to_string(value)); };
  EXPECT_TRUE(good(variable.min));
  EXPECT_TRUE(good(variable.max));
  EXPECT_FALSE(good(variable.max + 1));
  EXPECT_FALSE(good(-1));
  if (variable.min > 1) EXPECT_FALSE(good(variable.min - 1));
  EXPECT_EQ(good(0), variable.min <= 0 || variable.kind == Kind::zero_or_integer);
  for (const char* text : {"x", "1x", " 1", "+1", "1.0", "1e3", "0x10", "99999999999999999999"}) {
    EXPECT_TRUE(check_value(variable, text).has_value()) << text;
  }
}

std::vector<Variable> variables_of(std::set<Kind> kinds) {
  std::vector<Variable> chosen;
  std::ranges::copy_if(variables(), std::back_inserter(chosen),
                       [&](const Variable& v) { return kinds.contains(v.kind); });
  return chosen;
}

std::string test_name(const testing::TestParamInfo<Variable>& test) {
  std::string text(test.param.name);
  std::ranges::replace(text, '.', '_');
  return text;
}

INSTANTIATE_TEST_SUITE_P(, VariableRange, testing::ValuesIn(variables_of({Kind::integer, Kind::zero_or_integer})),
                         test_name);

class VariableWord : public testing::TestWithParam<Variable> {};

TEST_P(VariableWord, IsOneOfItsOwn) {
  const auto& variable = GetParam();
  std::string words(variable.words);
  for (std::size_t begin = 0; begin < words.size();) {
    const auto end = std::min(words.find(',', begin), words.size());
    EXPECT_FALSE(check_value(variable, words.substr(begin, end - begin)).has_value());
    EXPECT_TRUE(check_value(variable, words.substr(begin, end - begin) + "x").has_value());
    begin = end + 1;
  }
  EXPECT_TRUE(check_value(variable, words).has_value());
  EXPECT_TRUE(check_value(variable, "").has_value());
}

INSTANTIATE_TEST_SUITE_P(, VariableWord, testing::ValuesIn(variables_of({Kind::word})), test_name);

// Through the whole of load(): whichever variable is wrong, the problem carries its name and layer, never the value.
class VariableNamed : public TestHome, public testing::WithParamInterface<Variable> {};

TEST_P(VariableNamed, WhenItsValueIsWrong) {
  const std::string name(GetParam().name);
  const std::string wrong =
      "\x01"
      "canary-3141592653";
  environment_[name] = wrong;
  if (GetParam().is_secret() && GetParam().kind != Kind::root_key && GetParam().kind != Kind::smtp_url) {
    environment_[name] = std::string("\0canary-3141592653", 18);
  }
  const auto result = loaded();
  ASSERT_FALSE(result.has_value());
  const auto found = std::ranges::find(result.error(), name, &Problem::variable);
  ASSERT_NE(found, result.error().end());
  EXPECT_EQ(found->layer, Layer::environment);
  for (const auto& problem : result.error())
    EXPECT_EQ(problem.message.find("canary"), std::string::npos) << problem.message;
}

// All but database.private, which has no variable; the file's tests have it.
std::vector<Variable> named_variables() {
  std::vector<Variable> chosen;
  std::ranges::copy_if(variables(), std::back_inserter(chosen),
                       [](const Variable& v) { return !v.name.contains('.'); });
  return chosen;
}

INSTANTIATE_TEST_SUITE_P(, VariableNamed, testing::ValuesIn(named_variables()), test_name);

// Every variable of the contract keeps to its own rule by default.
TEST(Variables, HaveDefaultsThatKeepToTheirRules) {
  std::set<std::string_view> names;
  std::set<std::string_view> keys;
  for (const auto& variable : variables()) {
    EXPECT_TRUE(names.insert(variable.name).second) << variable.name;
    if (!variable.key.empty()) EXPECT_TRUE(keys.insert(variable.key).second) << variable.key;
    if (variable.fallback.contains('{') || variable.is_secret()) continue;
    EXPECT_EQ(check_value(variable, variable.fallback).value_or(""), "") << variable.name;
  }
}

}  // namespace
}  // namespace mcp::config
