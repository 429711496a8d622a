// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/id.hpp"
#include "core/secret.hpp"
#include "crypto/keyring.hpp"

namespace mcp::crypto {

// What a ciphertext is, contract-data 3.
enum class Purpose : std::uint8_t {
  message_text = 1,
  message_metadata = 2,
  two_factor_secret = 3,
  outbox_payload = 4,
  flag_details = 5,
  channel_description = 6,
};

// Where a ciphertext belongs: bound into the AAD, so that one moved to another row, channel, author, position or
// version does not open. Fields that a purpose does not use stay zero (table of contract-data 3).
struct Place {
  Purpose purpose = Purpose::message_text;
  Uuid subject;  // message id; user id for purpose 3, outbox id for 4
  Uuid channel;
  Uuid owner;  // sender; owner's user id for 3 and 4; the flagger's for 5
  std::uint64_t seq = 0;
  std::uint32_t version = 0;
};

struct Envelope {
  std::string json;  // {"v":1,"keyId":...,"iv":...,"authTag":...,"data":...}, keys in this order, no blanks
  KeyId key;
};

// Seals with the active data key of the purpose (message key for 1 and 5, metadata key for 2, 3, 4, 6). Thread-safe.
// Throws Fault when there is no active key.
Envelope seal_envelope(Keyring& keys, const Place& place, std::string_view plaintext);
// Nothing when it does not open for whatever reason: other place, unknown or retired key, edited bytes, bad JSON.
std::optional<Secret> open_envelope(const Keyring& keys, const Place& place, std::string_view json);

}  // namespace mcp::crypto
