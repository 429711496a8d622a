// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects accounts from passwords that are guessed first, and people from rules that refuse good ones.
#include "identity/password_policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "identity/known_passwords.hpp"

namespace mcp::identity {
namespace {

struct PolicyCase {
  std::string password;
  std::optional<FieldCode> refused;
};

TEST(PasswordPolicy, FollowsTheRulesOfTheContract) {
  const PolicyCase cases[] = {
      {"Tr0mbone-grv", std::nullopt},         // 12, mixed
      {"Tr0mbone-gr", FieldCode::too_short},  // 11
      {"", FieldCode::too_short},
      {"trombone-gr0v", FieldCode::policy},   // 13, no upper case
      {"TROMBONE-GR0V", FieldCode::policy},   // no lower case
      {"Trombone-Grov", FieldCode::policy},   // no digit
      {"trombone-grove", FieldCode::policy},  // 14 of one kind
      {"trombone-groves", std::nullopt},      // 15 of any kind
      {"8315 2907 4416 0", std::nullopt},
      {"Ärztin-läuft7", std::nullopt},  // upper case beyond ASCII
      {"ÄRZTIN-LÄUFT7", FieldCode::policy},
      {std::string(128, 'a') + "b", FieldCode::too_long},
      {"zq" + std::string(100, '-') + "Trombone-groves-in-ma", std::nullopt},
      {"The-NURSE-7-trombones", FieldCode::policy},  // holds the user name "nurse-7" in another case
  };
  for (const auto& one : cases) {
    const auto problem = check_password({}, one.password, "nurse-7", "newPassword");
    EXPECT_EQ(problem ? std::optional(problem->code) : std::nullopt, one.refused) << one.password;
    if (problem) {
      EXPECT_EQ(problem->field, "newPassword");
      EXPECT_EQ(problem->message.find(one.password.empty() ? "?" : one.password), std::string::npos);
    }
  }
}

TEST(PasswordPolicy, CountsCodePointsAndHonoursItsLength) {
  const std::string eleven_umlauts_and_more = "äöüäöüäöüA1";  // 11 code points, 20 bytes
  EXPECT_EQ(check_password({}, eleven_umlauts_and_more, "x-y-z", "p")->code, FieldCode::too_short);
  EXPECT_FALSE(check_password({}, eleven_umlauts_and_more + "q", "x-y-z", "p"));
  EXPECT_EQ(check_password({.length_min = 16}, "trombone-groves", "x-y-z", "p")->code, FieldCode::too_short);
  EXPECT_FALSE(check_password({.length_min = 16}, "trombone-groves!", "x-y-z", "p"));
}

TEST(PasswordPolicy, KnowsKnownPasswordsInTheirDisguises) {
  for (const char* password : {"Password1234",     "password12345678", "PASSWORD!!",        "P@ssw0rd2024",
                               "Passw0rd!2024",    "passwordpassword", "Passwordpassword1", "Welcome2024!",
                               "2024Welcome!",     "Letmein12345",     "Qwertyuiop123",     "qwertyuiopasdfgh",
                               "1q2w3e4r5t6y",     "1qaz2wsx3edc4rfv", "123456789012345",   "1234567890123456",
                               "aaaaaaaaaaaaaaaa", "abababababababab", "abcdefghijklmno",   "zyxwvutsrqponml",
                               "Summer2024!!",     "ILoveYou2024",     "Dragon123456",      "correcthorsebatterystaple",
                               "Administrator1!",  "Hospital2024!",    "123123123123123",   "12341234123412341234"}) {
    EXPECT_TRUE(is_common_password(password)) << password;
  }
}

TEST(PasswordPolicy, LeavesOtherPasswordsAlone) {
  for (const char* password :
       {"Correct-Horse-Battery-9", "trombone-groves", "dragon-of-the-ward", "password-of-nobody-else", "Xk7#pQ2vL9mR",
        "welcome8391046275", "moon over the river 3", "Tr0mbone-grv", "qwert-Zaunkoenig-7"}) {
    EXPECT_FALSE(is_common_password(password)) << password;
  }
}

TEST(KnownPasswords, AreWhatTheSearchNeeds) {
  const auto words = known_passwords();
  EXPECT_GT(words.size(), 2000U);
  EXPECT_TRUE(std::ranges::is_sorted(words));
  EXPECT_EQ(std::ranges::adjacent_find(words), words.end());
  for (const auto word : words) {
    EXPECT_TRUE(std::ranges::none_of(word, [](char c) { return c >= 'A' && c <= 'Z'; })) << word;
  }
}

}  // namespace
}  // namespace mcp::identity
