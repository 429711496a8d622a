// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the one cipher: that it is AES-256-GCM as NIST defines it, that nothing altered opens, that no nonce comes
// twice.
#include "crypto/aead.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

namespace mcp::crypto {
namespace {

std::uint8_t hex_digit(char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); }
Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(hex_digit(hex[i]) * 16 + hex_digit(hex[i + 1])));
  }
  return bytes;
}
LockedKey key_of(std::string_view hex) {
  const Bytes bytes = from_hex(hex);
  return LockedKey::from(std::span<const std::uint8_t, 32>(bytes.data(), 32));
}
LockedKey some_key() { return LockedKey::from(std::span<const std::uint8_t, 32>(Bytes(32, 7).data(), 32)); }

struct Vector {
  std::string_view key, iv, aad, plaintext, ciphertext, tag;
};

// Test cases 13 to 16 of the GCM specification that NIST SP 800-38D standardises.
constexpr std::string_view zero_key = "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view long_key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr Vector vectors[] = {{zero_key, "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
                              {zero_key, "000000000000000000000000", "", "00000000000000000000000000000000",
                               "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
                              {long_key, "cafebabefacedbaddecaf888", "",
                               "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2"
                               "449a6b525b16aedf5aa0de657ba"
                               "637b391aafd255",
                               "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1"
                               "056828838c5f61e6393ba7a0abc"
                               "c9f662898015ad",
                               "b094dac5d93471bdec1a502270e3cc6c"},
                              {long_key, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
                               "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2"
                               "449a6b525b16aedf5aa0de657ba"
                               "637b39",
                               "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1"
                               "056828838c5f61e6393ba7a0abc"
                               "c9f662",
                               "76fc6ece0f4e1768cddf8853bb2d551b"}};

TEST(Aead, OpensTheVectorsOfTheGcmSpecification) {
  for (const auto& vector : vectors) {
    Sealed sealed;
    std::ranges::copy(from_hex(vector.iv), sealed.iv.begin());
    std::ranges::copy(from_hex(vector.tag), sealed.tag.begin());
    sealed.ciphertext = from_hex(vector.ciphertext);
    const auto plaintext = open(key_of(vector.key), from_hex(vector.aad), sealed);
    ASSERT_TRUE(plaintext) << vector.tag;
    const Bytes expected = from_hex(vector.plaintext);
    EXPECT_EQ(*plaintext, std::string(expected.begin(), expected.end()));
  }
}

TEST(Aead, OpensWhatItSealedOfAnyLength) {
  const auto key = some_key();
  const Bytes aad{1, 2, 3};
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 255U, 4096U, 100'000U}) {
    const std::string plaintext(size, 'x');
    const auto sealed = seal(key, aad, plaintext);
    EXPECT_EQ(sealed.ciphertext.size(), size);
    EXPECT_EQ(open(key, aad, sealed), plaintext);
    EXPECT_EQ(open(key, {}, seal(key, {}, plaintext)), plaintext);
  }
}

TEST(Aead, DoesNotOpenWithAnyBitChanged) {
  const auto key = some_key();
  const Bytes aad{9, 8, 7, 6};
  const auto sealed = seal(key, aad, "potassium 5.9");
  const auto flip = [](auto bytes, std::size_t bit) {
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << (bit % 8)));
    return bytes;
  };
  for (std::size_t bit = 0; bit < sealed.iv.size() * 8; ++bit) {
    EXPECT_FALSE(open(key, aad, Sealed{flip(sealed.iv, bit), sealed.tag, sealed.ciphertext}));
  }
  for (std::size_t bit = 0; bit < sealed.tag.size() * 8; ++bit) {
    EXPECT_FALSE(open(key, aad, Sealed{sealed.iv, flip(sealed.tag, bit), sealed.ciphertext}));
  }
  for (std::size_t bit = 0; bit < sealed.ciphertext.size() * 8; ++bit) {
    EXPECT_FALSE(open(key, aad, Sealed{sealed.iv, sealed.tag, flip(sealed.ciphertext, bit)}));
  }
  for (std::size_t bit = 0; bit < aad.size() * 8; ++bit) EXPECT_FALSE(open(key, flip(aad, bit), sealed));
  for (std::size_t bit = 0; bit < 256; ++bit) {
    Bytes other(key.bytes().begin(), key.bytes().end());
    other = flip(other, bit);
    EXPECT_FALSE(open(LockedKey::from(std::span<const std::uint8_t, 32>(other.data(), 32)), aad, sealed));
  }
  EXPECT_FALSE(open(key, Bytes{9, 8, 7}, sealed));
  EXPECT_FALSE(open(key, {}, sealed));
  EXPECT_TRUE(open(key, aad, sealed)) << "the cipher must still work after refusals";
}

TEST(Aead, DoesNotOpenCutOrLengthenedText) {
  const auto key = some_key();
  auto sealed = seal(key, {}, "0123456789abcdef");
  sealed.ciphertext.pop_back();
  EXPECT_FALSE(open(key, {}, sealed));
  sealed.ciphertext.resize(17);
  EXPECT_FALSE(open(key, {}, sealed));
  sealed.ciphertext.clear();
  EXPECT_FALSE(open(key, {}, sealed));
}

TEST(Aead, NeverUsesANonceTwice) {
  constexpr int seals_per_thread = 25'000;
  std::vector<std::vector<std::string>> nonces(4);
  std::vector<std::thread> threads;
  for (auto& mine : nonces) {
    threads.emplace_back([&mine] {
      const auto key = some_key();
      for (int i = 0; i < seals_per_thread; ++i) {
        const auto sealed = seal(key, {}, "x");
        mine.emplace_back(sealed.iv.begin(), sealed.iv.end());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::unordered_set<std::string> seen;
  for (const auto& mine : nonces) seen.insert(mine.begin(), mine.end());
  EXPECT_EQ(seen.size(), nonces.size() * seals_per_thread);
}

}  // namespace
}  // namespace mcp::crypto
