// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects stored content: a ciphertext opens in its own place only, under its own key only, and in one spelling only.
#include "crypto/envelope.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/encoding.hpp"

namespace mcp::crypto {
namespace {

Uuid uuid(std::uint8_t filler) {
  std::array<std::uint8_t, 16> bytes;
  bytes.fill(filler);
  return Uuid(bytes);
}

LockedKey key_filled_with(std::uint8_t byte) {
  return LockedKey::from(std::span<const std::uint8_t, 32>(Bytes(32, byte).data(), 32));
}

KeyId add_key(Keyring& keys, KeyPurpose purpose, std::uint8_t filler, KeyState state = KeyState::active) {
  const KeyId id(uuid(filler));
  keys.add(WrappedKey{.id = id, .purpose = purpose, .state = state, .wrapped = {}, .root_id = "root"},
           key_filled_with(filler));
  return id;
}

Place message_place() {
  return Place{.purpose = Purpose::message_text,
               .subject = uuid(1),
               .channel = uuid(2),
               .owner = uuid(3),
               .seq = 7,
               .version = 2};
}

class EnvelopeTest : public testing::Test {
 protected:
  EnvelopeTest() {
    message_key_ = add_key(keys_, KeyPurpose::message, 0xA1);
    metadata_key_ = add_key(keys_, KeyPurpose::metadata, 0xA2);
  }
  Keyring keys_;
  KeyId message_key_;
  KeyId metadata_key_;
};

TEST_F(EnvelopeTest, WritesTheJsonOfTheContract) {
  const auto envelope = seal_envelope(keys_, message_place(), "hello");
  const auto& json = envelope.json;
  EXPECT_EQ(envelope.key, message_key_);
  EXPECT_TRUE(json.starts_with(R"({"v":1,"keyId":"a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1",)")) << json;
  const auto iv_at = json.find(R"("iv":")");
  const auto tag_at = json.find(R"("authTag":")");
  const auto data_at = json.find(R"("data":")");
  EXPECT_EQ(iv_at, 54U);
  EXPECT_EQ(tag_at, iv_at + 6 + 16 + 2);
  EXPECT_EQ(data_at, tag_at + 11 + 24 + 2);
  EXPECT_EQ(json.size(), data_at + 8 + 8 + 2);
  EXPECT_EQ(json.find(' '), std::string::npos);
}

// Recomputes an envelope's parts independently: the additional data are spelled out byte by byte here.
TEST_F(EnvelopeTest, BindsTheEightyTwoBytesOfTheContract) {
  const Place place{.purpose = Purpose::flag_details,
                    .subject = uuid(0x11),
                    .channel = uuid(0x22),
                    .owner = uuid(0x33),
                    .seq = 0x0102030405060708,
                    .version = 0x0A0B0C0D};
  const auto json = seal_envelope(keys_, place, "words").json;

  Bytes aad{'M', 'C', 'P', 'M', 1, 5};
  for (const auto filler : Bytes{0x11, 0x22, 0x33}) aad.insert(aad.end(), 16, filler);
  const Bytes numbers{1, 2, 3, 4, 5, 6, 7, 8, 0x0A, 0x0B, 0x0C, 0x0D};
  aad.insert(aad.end(), numbers.begin(), numbers.end());
  aad.insert(aad.end(), 16, 0xA1);
  ASSERT_EQ(aad.size(), 82U);

  const auto part = [&json](std::string_view name, std::size_t size) {
    const auto at = json.find(name) + name.size();
    return *from_base64(json.substr(at, size));
  };
  Sealed sealed;
  std::ranges::copy(part(R"("iv":")", 16), sealed.iv.begin());
  std::ranges::copy(part(R"("authTag":")", 24), sealed.tag.begin());
  sealed.ciphertext = part(R"("data":")", 8);
  EXPECT_EQ(open(key_filled_with(0xA1), aad, sealed), "words");
}

TEST_F(EnvelopeTest, OpensInItsOwnPlace) {
  for (const std::string_view text : {"", "x", "Kalium 5,9 – bitte anrufen \U0001F4DE", "a\r\n\tb"}) {
    const auto opened = open_envelope(keys_, message_place(), seal_envelope(keys_, message_place(), text).json);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), text);
  }
}

TEST_F(EnvelopeTest, DoesNotOpenInAnyOtherPlace) {
  const auto json = seal_envelope(keys_, message_place(), "text").json;
  std::vector<Place> others;
  const auto other = [&others](auto change) {
    Place place = message_place();
    change(place);
    others.push_back(place);
  };
  other([](Place& place) { place.purpose = Purpose::flag_details; });  // sealed under the same key
  other([](Place& place) { place.purpose = Purpose::message_metadata; });
  other([](Place& place) { place.subject = uuid(9); });
  other([](Place& place) { place.channel = uuid(9); });
  other([](Place& place) { place.owner = uuid(9); });
  other([](Place& place) { std::swap(place.subject, place.channel); });
  other([](Place& place) { place.seq = 8; });
  other([](Place& place) { place.seq = 7ULL << 32; });
  other([](Place& place) { place.version = 1; });
  other([](Place& place) { place.version = 3; });
  other([](Place& place) { place = Place{}; });
  for (const auto& place : others) EXPECT_FALSE(open_envelope(keys_, place, json));
  EXPECT_TRUE(open_envelope(keys_, message_place(), json));
}

TEST_F(EnvelopeTest, DoesNotOpenWithAnyBitOfTheJsonChanged) {
  const auto json = seal_envelope(keys_, message_place(), "a message with some length").json;
  for (std::size_t bit = 0; bit < json.size() * 8; ++bit) {
    std::string changed = json;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(open_envelope(keys_, message_place(), changed)) << changed;
  }
}

TEST_F(EnvelopeTest, DoesNotOpenAnotherSpelling) {
  const auto json = seal_envelope(keys_, message_place(), "text").json;
  const auto replaced = [&json](std::string_view what, std::string_view by) {
    std::string changed = json;
    return changed.replace(changed.find(what), what.size(), by);
  };
  for (const auto& other : {std::string(), std::string("{}"), std::string("null"), std::string("not json"), json + " ",
                            " " + json, json + json, json.substr(0, json.size() - 1), replaced(R"("v":1)", R"("v": 1)"),
                            replaced(R"("v":1)", R"("v":2)"), replaced(R"("v":1)", R"("v":1,"v":1)"),
                            replaced("a1a1a1a1-", "A1A1A1A1-"), replaced("authTag", "authtag"),
                            replaced(R"("data")", R"("x":0,"data")"), replaced(R"("iv":")", R"("iv":"AAAA)"),
                            replaced(R"("authTag":")", R"("authTag":"AAAA)"), replaced(R"("})", R"(="})")}) {
    EXPECT_FALSE(open_envelope(keys_, message_place(), other)) << other;
  }
}

TEST_F(EnvelopeTest, SealsEachPurposeUnderItsKey) {
  for (const auto [purpose, key] : {std::pair{Purpose::message_text, message_key_},
                                    {Purpose::message_metadata, metadata_key_},
                                    {Purpose::two_factor_secret, metadata_key_},
                                    {Purpose::outbox_payload, metadata_key_},
                                    {Purpose::flag_details, message_key_},
                                    {Purpose::channel_description, metadata_key_}}) {
    Place place = message_place();
    place.purpose = purpose;
    EXPECT_EQ(seal_envelope(keys_, place, "x").key, key);
  }
}

TEST_F(EnvelopeTest, OpensWithAKeyThatOnlyDecryptsAndNotWithAnUnknownOne) {
  const auto before = seal_envelope(keys_, message_place(), "old").json;
  const KeyId newer = add_key(keys_, KeyPurpose::message, 0xB1);
  EXPECT_EQ(seal_envelope(keys_, message_place(), "new").key, newer);
  EXPECT_TRUE(open_envelope(keys_, message_place(), before));

  Keyring without_the_old_key;
  add_key(without_the_old_key, KeyPurpose::message, 0xB1);
  EXPECT_FALSE(open_envelope(without_the_old_key, message_place(), before));
}

TEST_F(EnvelopeTest, CountsEachSealing) {
  for (int i = 0; i < 5; ++i) seal_envelope(keys_, message_place(), "x");
  const auto uses = keys_.take_uses();
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_EQ(uses.front(), std::pair(message_key_, std::uint64_t{5}));
  EXPECT_TRUE(keys_.take_uses().empty());
}

TEST(Envelope, ThrowsWithoutAnActiveKey) {
  Keyring keys;
  EXPECT_THROW(seal_envelope(keys, message_place(), "x"), Fault);
  add_key(keys, KeyPurpose::message, 1, KeyState::decrypt_only);
  EXPECT_THROW(seal_envelope(keys, message_place(), "x"), Fault);
}

}  // namespace
}  // namespace mcp::crypto
