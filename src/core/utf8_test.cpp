// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mcp::utf8 {
namespace {

// Protects everything stored and hashed from bytes that are no text.
TEST(Utf8, RefusesWhatIsNotUtf8) {
  for (const std::string text : {"\x80", "\xC3", "\xC0\x80", "\xE2\x82", "\xED\xA0\x80", "\xED\xBF\xBF",
                                 "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "ok\xFF"}) {
    EXPECT_FALSE(is_valid(text));
  }
  EXPECT_TRUE(is_valid(""));
  EXPECT_TRUE(is_valid("a\xC2\x80\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"));
  EXPECT_FALSE(is_valid(std::string(1000, 'a') + "\xC3"));  // beyond one vector register, cut at the end
}

TEST(Utf8, CountsCodePointsNotBytesOrGraphemes) {
  EXPECT_EQ(code_points(""), 0U);
  EXPECT_EQ(code_points("aé€😀"), 4U);
  EXPECT_EQ(code_points("e\xCC\x81"), 2U);
}

// A message of nothing visible is blank, whatever its characters are called.
TEST(Utf8, KnowsWhatNobodyCanSee) {
  for (const char* text : {"", " \t\r\n", "\xC2\xA0", "\xE2\x80\x8B", "\xEF\xBB\xBF", "\xE2\x80\x8D", "\xE3\x80\x80",
                           "\xE2\x80\xAE", "\xE3\x85\xA4", "\xEF\xB8\x8F", "\xCD\x8F", "\xC2\xAD", "\x7F"}) {
    EXPECT_FALSE(has_visible(text)) << text;
  }
  for (const char* text : {"a", "  . ", "é", "😀", "\xE2\x80\x8B!", "\xCC\x81"}) EXPECT_TRUE(has_visible(text)) << text;
}

TEST(Utf8, TrimsAndNormalisesNames) {
  EXPECT_EQ(trimmed_nfc(" \t a b \n"), "a b");
  EXPECT_EQ(trimmed_nfc("\xC2\xA0\xE3\x80\x80\xE2\x80\x83"), "");
  EXPECT_EQ(trimmed_nfc("\xE2\x80\x83"
                        "Ange\xCC\x81lique\xC2\xA0"),
            "Angélique");
  EXPECT_EQ(trimmed_nfc("\xE2\x84\xAB"), "Å");               // ANGSTROM SIGN
  EXPECT_EQ(trimmed_nfc("\xEA\xB0\x80\xE1\x86\xA8"), "각");  // Hangul, partly composed
  EXPECT_EQ(trimmed_nfc("\xEF\xAC\x81"), "\xEF\xAC\x81");    // ligature fi: compatibility forms stay
  EXPECT_EQ(trimmed_nfc(""), "");
}

}  // namespace
}  // namespace mcp::utf8
