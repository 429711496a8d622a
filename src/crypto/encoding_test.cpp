// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects that one value has one spelling: a token or ciphertext must not be accepted in a second form.
#include "crypto/encoding.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mcp::crypto {
namespace {

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

struct Vector {
  std::string_view plain;
  std::string_view encoded;
};

// RFC 4648 section 10.
constexpr Vector rfc4648[] = {{"", ""},
                              {"f", "Zg=="},
                              {"fo", "Zm8="},
                              {"foo", "Zm9v"},
                              {"foob", "Zm9vYg=="},
                              {"fooba", "Zm9vYmE="},
                              {"foobar", "Zm9vYmFy"}};

TEST(Base64, MatchesTheVectorsOfRfc4648) {
  for (const auto& vector : rfc4648) {
    EXPECT_EQ(to_base64(bytes_of(vector.plain)), vector.encoded);
    EXPECT_EQ(from_base64(vector.encoded), bytes_of(vector.plain));
    std::string unpadded(vector.encoded);
    std::erase(unpadded, '=');
    EXPECT_EQ(to_base64url(bytes_of(vector.plain)), unpadded);
    EXPECT_EQ(from_base64url(unpadded), bytes_of(vector.plain));
  }
}

TEST(Base64, UsesTheAlphabetOfItsKind) {
  const Bytes bytes{0xFB, 0xEF, 0xFF};
  EXPECT_EQ(to_base64(bytes), "++//");
  EXPECT_EQ(to_base64url(bytes), "--__");
  EXPECT_FALSE(from_base64("--__"));
  EXPECT_FALSE(from_base64url("++//"));
}

TEST(Base64, RefusesEveryOtherSpelling) {
  for (const std::string_view text : {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm9v ", " Zm9v",
                                      "Zm\n9v", "Zm9v\n", "Zg==Zg==", "Zm=v", "Zm9v====", "Z", "Zm9\xC3", "Zm9v\r\n"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
  EXPECT_FALSE(from_base64(std::string_view("Zm9\0", 4)));
}

TEST(Base64Url, RefusesEveryOtherSpelling) {
  for (const std::string_view text :
       {"Zg==", "Zh", "Zm9", "Z", "Zm9vZ", "Zm 9v", "Zm9v\n", "Zm9v.", "Zm+v", "Zm/v", "Zm9v="}) {
    EXPECT_FALSE(from_base64url(text)) << text;
  }
}

TEST(Base64Url, GivesEachTailExactlyOneSpelling) {
  // Of the 64 last characters of a 32-byte value only 16 can be canonical.
  std::string text = to_base64url(Bytes(32, 0xA5));
  int accepted = 0;
  for (const char last : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")) {
    text.back() = last;
    if (from_base64url(text)) ++accepted;
  }
  EXPECT_EQ(accepted, 16);
}

TEST(Hex, IsLowerCase) { EXPECT_EQ(to_hex(Bytes{0x00, 0x9F, 0xAB, 0xFF}), "009fabff"); }

}  // namespace
}  // namespace mcp::crypto
