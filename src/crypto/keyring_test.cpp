// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the key hierarchy: the derivations are fixed for ever (stored keys depend on them), and a wrapped key opens
// under its own root, purpose and id only.
#include "crypto/keyring.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/encoding.hpp"

namespace mcp::crypto {
namespace {

const Uuid installation = *Uuid::parse("0190f5e4-1111-7222-8333-444455556666");

LockedKey counting_key(std::uint8_t first) {
  std::array<std::uint8_t, 32> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return LockedKey::from(bytes);
}

RootKeys some_roots() { return {RootKey(counting_key(0)), RootKey(counting_key(100)), installation}; }

bool same(const LockedKey& a, const LockedKey& b) { return std::ranges::equal(a.bytes(), b.bytes()); }

// Expected values computed with Python's hashlib and hmac from contract-data 4.
TEST(RootKey, DerivesWhatTheContractSays) {
  const RootKey root(counting_key(0));
  EXPECT_EQ(root.id(), "9a7dfdc71c1d0d04");
  EXPECT_EQ(root.check_value(installation), "4a2a0cfe80a8ee6d54550c674f400724a0ce18f1caef33a445fdf3359d61a574");
  const std::pair<KeyPurpose, std::string_view> expected[] = {
      {KeyPurpose::message, "6241be8115cfef657bc414784ca339ae20331f32ae47d0cdbee1d6f86289a6a1"},
      {KeyPurpose::metadata, "cd9228ae5bf5d9a2b0f40939254eaa3bf5ecf2ff30ee4e77af64ab76d58d2a11"},
      {KeyPurpose::mac, "d48da2bae70fe286868a56e3b7018d2989d88d49674ea425ef2bd3477fd71375"},
      {KeyPurpose::backup, "8827a96a0ac54d3ab7202d5557316a99d18fca4719ad9609bf2b2a150a120bbc"}};
  for (const auto& [purpose, key] : expected) {
    EXPECT_EQ(to_hex(root.key_encryption_key(purpose, installation).bytes()), key);
  }
  EXPECT_NE(root.check_value(installation), root.check_value(Uuid()));
  EXPECT_NE(root.check_value(installation), RootKey(counting_key(1)).check_value(installation));
}

TEST(RootKeys, WrapsEachPurposeUnderItsRoot) {
  const RootKeys roots = some_roots();
  for (const auto purpose : {KeyPurpose::message, KeyPurpose::backup}) {
    EXPECT_EQ(roots.wrap_new(purpose).root_id, roots.content().id());
  }
  for (const auto purpose : {KeyPurpose::metadata, KeyPurpose::mac}) {
    EXPECT_EQ(roots.wrap_new(purpose).root_id, roots.metadata().id());
  }
}

TEST(RootKeys, UnwrapsWhatItWrapped) {
  const RootKeys roots = some_roots();
  const WrappedKey row = roots.wrap_new(KeyPurpose::message);
  const auto first = roots.unwrap(row);
  const auto again = some_roots().unwrap(row);
  ASSERT_TRUE(first && again);
  EXPECT_TRUE(same(*first, *again));
  const auto another = roots.unwrap(roots.wrap_new(KeyPurpose::message));
  ASSERT_TRUE(another);
  EXPECT_FALSE(same(*first, *another));
}

// The additional data are spelled out here, so that a change of the format cannot pass unseen.
TEST(RootKeys, BindsPurposeKeyAndRoot) {
  const RootKeys roots = some_roots();
  const WrappedKey row = roots.wrap_new(KeyPurpose::backup);
  Bytes aad{'M', 'C', 'P', 'K', 1, 4};
  aad.insert(aad.end(), row.id.uuid().bytes().begin(), row.id.uuid().bytes().end());
  aad.insert(aad.end(), row.root_id.begin(), row.root_id.end());
  EXPECT_TRUE(open(roots.content().key_encryption_key(KeyPurpose::backup, installation), aad, row.wrapped));
}

TEST(RootKeys, DoesNotUnwrapAnAlteredRow) {
  const RootKeys roots = some_roots();
  const auto altered = [&roots](auto change) {
    WrappedKey row = roots.wrap_new(KeyPurpose::message);
    change(row);
    return roots.unwrap(row).has_value();
  };
  EXPECT_TRUE(altered([](WrappedKey&) {}));
  EXPECT_TRUE(altered([](WrappedKey& row) { row.state = KeyState::decrypt_only; }));
  EXPECT_FALSE(altered([](WrappedKey& row) { row.state = KeyState::retired; }));
  EXPECT_FALSE(altered([](WrappedKey& row) { row.purpose = KeyPurpose::backup; }));
  EXPECT_FALSE(altered([](WrappedKey& row) { row.purpose = KeyPurpose::metadata; }));
  EXPECT_FALSE(altered([](WrappedKey& row) { row.id = KeyId(Uuid::v4()); }));
  EXPECT_FALSE(altered([](WrappedKey& row) { row.root_id = "0000000000000000"; }));
  EXPECT_FALSE(altered([](WrappedKey& row) { row.wrapped.iv[0] ^= 1; }));
  EXPECT_FALSE(altered([](WrappedKey& row) { row.wrapped.tag[15] ^= 1; }));
  EXPECT_FALSE(altered([](WrappedKey& row) { row.wrapped.ciphertext[31] ^= 1; }));
  EXPECT_FALSE(altered([](WrappedKey& row) { row.wrapped.ciphertext.clear(); }));
}

TEST(RootKeys, DoesNotUnwrapForAnotherRootOrInstallation) {
  const WrappedKey row = some_roots().wrap_new(KeyPurpose::message);
  EXPECT_FALSE(RootKeys(RootKey(counting_key(1)), RootKey(counting_key(100)), installation).unwrap(row));
  EXPECT_FALSE(RootKeys(RootKey(counting_key(0)), RootKey(counting_key(100)), Uuid::v4()).unwrap(row));
}

WrappedKey row_of(KeyId id, KeyPurpose purpose, KeyState state) {
  return {.id = id, .purpose = purpose, .state = state, .wrapped = {}, .root_id = "root"};
}

TEST(Keyring, KeepsOneActiveKeyAPurpose) {
  Keyring keys;
  EXPECT_FALSE(keys.active(KeyPurpose::message));
  const KeyId first(Uuid::v4());
  const KeyId second(Uuid::v4());
  keys.add(row_of(first, KeyPurpose::message, KeyState::active), counting_key(1));
  keys.add(row_of(second, KeyPurpose::message, KeyState::active), counting_key(2));
  EXPECT_EQ(keys.active(KeyPurpose::message)->id, second);
  EXPECT_FALSE(keys.active(KeyPurpose::metadata));
  EXPECT_TRUE(same(*keys.find(first), counting_key(1)));
  EXPECT_EQ(keys.find(KeyId(Uuid::v4())), nullptr);

  keys.add(row_of(second, KeyPurpose::message, KeyState::decrypt_only), counting_key(2));
  EXPECT_FALSE(keys.active(KeyPurpose::message));
  EXPECT_NE(keys.find(second), nullptr);
}

TEST(Keyring, KeepsAKeyAliveForWhoIsUsingIt) {
  Keyring keys;
  const KeyId id(Uuid::v4());
  keys.add(row_of(id, KeyPurpose::mac, KeyState::active), counting_key(1));
  const auto in_use = keys.active(KeyPurpose::mac);
  keys.add(row_of(id, KeyPurpose::mac, KeyState::active), counting_key(5));
  EXPECT_TRUE(same(*in_use->key, counting_key(1)));
  EXPECT_TRUE(same(*keys.find(id), counting_key(5)));
}

TEST(KeyNames, ReadWhatTheyWrite) {
  for (const auto purpose : {KeyPurpose::message, KeyPurpose::metadata, KeyPurpose::mac, KeyPurpose::backup}) {
    EXPECT_EQ(parse_key_purpose(name(purpose)), purpose);
  }
  for (const auto state : {KeyState::active, KeyState::decrypt_only, KeyState::retired}) {
    EXPECT_EQ(parse_key_state(name(state)), state);
  }
  EXPECT_FALSE(parse_key_purpose("Message"));
  EXPECT_FALSE(parse_key_state(""));
}

}  // namespace
}  // namespace mcp::crypto
