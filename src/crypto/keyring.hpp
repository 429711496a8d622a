// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/id.hpp"
#include "crypto/aead.hpp"
#include "crypto/locked_key.hpp"

namespace mcp::crypto {

enum class KeyPurpose : std::uint8_t { message, metadata, mac, backup };
enum class KeyState : std::uint8_t { active, decrypt_only, retired };

std::string_view name(KeyPurpose purpose);  // as in encryption_keys.purpose
std::string_view name(KeyState state);
std::optional<KeyPurpose> parse_key_purpose(std::string_view text);
std::optional<KeyState> parse_key_state(std::string_view text);

// One row of encryption_keys.
struct WrappedKey {
  KeyId id;
  KeyPurpose purpose = KeyPurpose::message;
  KeyState state = KeyState::active;
  Sealed wrapped;
  std::string root_id;
};

// A root key, held outside the database. ENCRYPTION_KEY wraps message and backup keys, METADATA_KEY metadata and mac.
class RootKey {
 public:
  explicit RootKey(LockedKey key);
  const std::string& id() const { return id_; }  // first 16 hex digits of SHA-256("mcp-messenger/root-id" | root)
  // KEK = HKDF-SHA-256(root, salt = installation id, info = "mcp-messenger/kek/" + purpose + "/v1"); contract-data 4.
  LockedKey key_encryption_key(KeyPurpose purpose, const Uuid& installation) const;
  // A value that only this root can produce, kept in settings `_key_check`: tells a wrong root from damage.
  std::string check_value(const Uuid& installation) const;

 private:
  LockedKey key_;
  std::string id_;
};

// The two roots of an installation: the one interface that other providers (file, PKCS#11, a KMS) can join.
class RootKeys {
 public:
  RootKeys(RootKey content, RootKey metadata, Uuid installation);
  const RootKey& for_purpose(KeyPurpose purpose) const;
  const Uuid& installation() const { return installation_; }
  WrappedKey wrap_new(KeyPurpose purpose) const;                 // a fresh random data key
  std::optional<LockedKey> unwrap(const WrappedKey& row) const;  // nothing when it does not open
  const RootKey& content() const { return content_; }
  const RootKey& metadata() const { return metadata_; }

 private:
  RootKey content_;
  RootKey metadata_;
  Uuid installation_;
};

// The unwrapped data keys. Thread-safe; keys are added at start and by rotation, read on every message.
class Keyring {
 public:
  void add(const WrappedKey& row, LockedKey key);

  struct Active {
    KeyId id;
    std::shared_ptr<const LockedKey> key;
  };
  std::optional<Active> active(KeyPurpose purpose) const;
  std::shared_ptr<const LockedKey> find(const KeyId& id) const;  // null when unknown

  // Encryptions made under a key since start, to be added to encryption_keys.uses (rotation at 2^28).
  void count_use(const KeyId& id);
  std::vector<std::pair<KeyId, std::uint64_t>> take_uses();

 private:
  struct Held {
    std::shared_ptr<const LockedKey> key;
    KeyPurpose purpose = KeyPurpose::message;
    KeyState state = KeyState::active;
    std::unique_ptr<std::atomic<std::uint64_t>> uses;
  };
  mutable std::shared_mutex mutex_;
  std::unordered_map<KeyId, Held> keys_;
  std::array<KeyId, 4> active_{};
};

}  // namespace mcp::crypto
