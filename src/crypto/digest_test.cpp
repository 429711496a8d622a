// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects that hashes, MACs and derived keys are the standard ones: chains, tokens and wrapped keys are checked by
// others.
#include "crypto/digest.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "crypto/encoding.hpp"

namespace mcp::crypto {
namespace {

Bytes repeated(std::uint8_t byte, std::size_t count) { return Bytes(count, byte); }
Bytes counting(std::uint8_t first, std::size_t count) {
  Bytes bytes;
  for (std::size_t i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(first + i));
  return bytes;
}
std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

TEST(Sha256, MatchesTheVectorsOfFips180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

struct MacVector {
  Bytes key;
  std::string text;
  std::string_view mac;
};

TEST(HmacSha256, MatchesTheVectorsOfRfc4231) {
  const MacVector vectors[] = {
      {repeated(0x0B, 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {{'J', 'e', 'f', 'e'},
       "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {repeated(0xAA, 20), text_of(repeated(0xDD, 50)),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {counting(0x01, 25), text_of(repeated(0xCD, 50)),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {repeated(0xAA, 131), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {repeated(0xAA, 131),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
       "hashed "
       "before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"}};
  for (const auto& vector : vectors) EXPECT_EQ(to_hex(hmac_sha256(vector.key, vector.text)), vector.mac);
}

TEST(HmacSha256, TakesAnEmptyKeyForItselfAndNotForTheKeyBefore) {
  static constexpr std::string_view of_empty_key = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  EXPECT_EQ(to_hex(hmac_sha256(Bytes{}, "")), of_empty_key);
  hmac_sha256(repeated(0x42, 32), "something");
  EXPECT_EQ(to_hex(hmac_sha256(Bytes{}, "")), of_empty_key);
}

TEST(HmacSha256, IsTheSameOnManyThreads) {
  const auto expected = hmac_sha256(repeated(1, 32), "text");
  std::vector<std::thread> threads;
  std::vector<int> good(4, 0);
  for (std::size_t i = 0; i < good.size(); ++i) {
    threads.emplace_back([&good, &expected, i] {
      for (int round = 0; round < 1000; ++round) {
        hmac_sha256(repeated(static_cast<std::uint8_t>(i + 2), 32), "other");
        if (hmac_sha256(repeated(1, 32), "text") == expected) ++good[i];
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, std::vector<int>(4, 1000));
}

TEST(HkdfSha256, MatchesTheVectorsOfRfc5869) {
  // Appendix A.1 to A.3, the first 32 bytes of each output.
  EXPECT_EQ(to_hex(hkdf_sha256(repeated(0x0B, 22), text_of(counting(0x00, 13)), text_of(counting(0xF0, 10)))),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
  EXPECT_EQ(to_hex(hkdf_sha256(counting(0x00, 80), text_of(counting(0x60, 80)), text_of(counting(0xB0, 80)))),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c");
  EXPECT_EQ(to_hex(hkdf_sha256(repeated(0x0B, 22), "", "")),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(EqualConstantTime, ComparesLengthAndBytes) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("same", "same"));
  EXPECT_FALSE(equal_constant_time("same", "samf"));
  EXPECT_FALSE(equal_constant_time("same", "same "));
  EXPECT_FALSE(equal_constant_time("", "x"));
}

}  // namespace
}  // namespace mcp::crypto
