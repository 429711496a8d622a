// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "crypto/keyring.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <mutex>

#include "core/check.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"

namespace mcp::crypto {
namespace {

constexpr std::array<std::string_view, 4> purpose_names{"message", "metadata", "mac", "backup"};
constexpr std::array<std::string_view, 3> state_names{"active", "decrypt_only", "retired"};

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// HKDF whose result goes straight into locked memory.
LockedKey derive(const LockedKey& root, const Uuid& installation, std::string_view info) {
  auto derived = hkdf_sha256(root.bytes(), text_of(installation.bytes()), info);
  LockedKey key = LockedKey::from(derived);
  OPENSSL_cleanse(derived.data(), derived.size());
  return key;
}

std::string id_of_root(const LockedKey& root) {
  static constexpr std::string_view label = "mcp-messenger/root-id";
  std::array<std::uint8_t, label.size() + 32> labelled;
  std::ranges::copy(label, labelled.begin());
  std::ranges::copy(root.bytes(), labelled.begin() + label.size());
  const auto digest = sha256(text_of(labelled));
  OPENSSL_cleanse(labelled.data(), labelled.size());
  return to_hex(std::span(digest).first(8));
}

// contract-data 4: "MCPK" | v = 1 | purpose (one byte: 1 message, 2 metadata, 3 mac, 4 backup) | key id (16 bytes) |
// root id. The root id stands last because a key token's label may have any length.
Bytes wrapping_aad(KeyPurpose purpose, const KeyId& id, std::string_view root_id) {
  Bytes aad{'M', 'C', 'P', 'K', 1, static_cast<std::uint8_t>(static_cast<unsigned>(purpose) + 1)};
  const auto& id_bytes = id.uuid().bytes();
  aad.insert(aad.end(), id_bytes.begin(), id_bytes.end());
  aad.insert(aad.end(), root_id.begin(), root_id.end());
  return aad;
}

}  // namespace

std::string_view name(KeyPurpose purpose) { return purpose_names.at(static_cast<std::size_t>(purpose)); }
std::string_view name(KeyState state) { return state_names.at(static_cast<std::size_t>(state)); }

std::optional<KeyPurpose> parse_key_purpose(std::string_view text) {
  const auto* const found = std::ranges::find(purpose_names, text);
  if (found == purpose_names.end()) return std::nullopt;
  return static_cast<KeyPurpose>(found - purpose_names.begin());
}

std::optional<KeyState> parse_key_state(std::string_view text) {
  const auto* const found = std::ranges::find(state_names, text);
  if (found == state_names.end()) return std::nullopt;
  return static_cast<KeyState>(found - state_names.begin());
}

RootKey::RootKey(LockedKey key) : key_(std::move(key)), id_(id_of_root(key_)) {}

LockedKey RootKey::key_encryption_key(KeyPurpose purpose, const Uuid& installation) const {
  std::string info = "mcp-messenger/kek/";
  info.append(name(purpose)).append("/v1");
  return derive(key_, installation, info);
}

std::string RootKey::check_value(const Uuid& installation) const {
  return to_hex(derive(key_, installation, "mcp-messenger/check/v1").bytes());
}

RootKeys::RootKeys(RootKey content, RootKey metadata, Uuid installation)
    : content_(std::move(content)), metadata_(std::move(metadata)), installation_(installation) {}

const RootKey& RootKeys::for_purpose(KeyPurpose purpose) const {
  switch (purpose) {
    case KeyPurpose::message:
    case KeyPurpose::backup: return content_;
    case KeyPurpose::metadata:
    case KeyPurpose::mac: return metadata_;
  }
  CHECK(false);
}

WrappedKey RootKeys::wrap_new(KeyPurpose purpose) const {
  const RootKey& root = for_purpose(purpose);
  const LockedKey data_key = LockedKey::random();
  WrappedKey row{
      .id = KeyId(Uuid::v4()), .purpose = purpose, .state = KeyState::active, .wrapped = {}, .root_id = root.id()};
  row.wrapped = seal(root.key_encryption_key(purpose, installation_), wrapping_aad(purpose, row.id, row.root_id),
                     text_of(data_key.bytes()));
  return row;
}

std::optional<LockedKey> RootKeys::unwrap(const WrappedKey& row) const {
  const RootKey& root = for_purpose(row.purpose);
  if (row.root_id != root.id() || row.state == KeyState::retired) return std::nullopt;
  auto opened = open(root.key_encryption_key(row.purpose, installation_),
                     wrapping_aad(row.purpose, row.id, row.root_id), row.wrapped);
  if (!opened) return std::nullopt;
  std::optional<LockedKey> key;
  if (opened->size() == 32) {
    key = LockedKey::from(std::span<const std::uint8_t, 32>(reinterpret_cast<const std::uint8_t*>(opened->data()), 32));
  }
  OPENSSL_cleanse(opened->data(), opened->size());
  return key;
}

void Keyring::add(const WrappedKey& row, LockedKey key) {
  CHECK(row.state != KeyState::retired);
  const std::unique_lock lock(mutex_);
  KeyId& active = active_.at(static_cast<std::size_t>(row.purpose));
  if (row.state == KeyState::active && active != row.id) {
    if (const auto former = keys_.find(active); former != keys_.end()) former->second.state = KeyState::decrypt_only;
    active = row.id;
  } else if (row.state != KeyState::active && active == row.id) {
    active = KeyId();
  }
  Held& held = keys_[row.id];
  held.key = std::make_shared<const LockedKey>(std::move(key));
  held.purpose = row.purpose;
  held.state = row.state;
  if (!held.uses) held.uses = std::make_unique<std::atomic<std::uint64_t>>(0);
}

std::optional<Keyring::Active> Keyring::active(KeyPurpose purpose) const {
  const std::shared_lock lock(mutex_);
  const KeyId& id = active_.at(static_cast<std::size_t>(purpose));
  const auto found = keys_.find(id);
  if (found == keys_.end()) return std::nullopt;
  return Active{.id = id, .key = found->second.key};
}

std::shared_ptr<const LockedKey> Keyring::find(const KeyId& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : found->second.key;
}

void Keyring::count_use(const KeyId& id) {
  const std::shared_lock lock(mutex_);
  if (const auto found = keys_.find(id); found != keys_.end()) {
    found->second.uses->fetch_add(1, std::memory_order_relaxed);
  }
}

std::vector<std::pair<KeyId, std::uint64_t>> Keyring::take_uses() {
  const std::shared_lock lock(mutex_);
  std::vector<std::pair<KeyId, std::uint64_t>> uses;
  for (const auto& [id, held] : keys_) {
    if (const auto count = held.uses->exchange(0, std::memory_order_relaxed); count > 0) uses.emplace_back(id, count);
  }
  return uses;
}

}  // namespace mcp::crypto
