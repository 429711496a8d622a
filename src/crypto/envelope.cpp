// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "crypto/envelope.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "crypto/aead.hpp"
#include "crypto/encoding.hpp"

namespace mcp::crypto {
namespace {

constexpr std::uint8_t format_version = 1;

// The table of contract-data 3, filled from front to back.
class AdditionalData {
 public:
  AdditionalData(const Place& place, const KeyId& key) {
    put_bytes("MCPM");
    put_number(format_version);
    put_number(static_cast<std::uint8_t>(place.purpose));
    put_uuid(place.subject);
    put_uuid(place.channel);
    put_uuid(place.owner);
    put_number(place.seq);
    put_number(place.version);
    put_uuid(key.uuid());
  }
  std::span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  void put_bytes(std::string_view bytes) {
    std::memcpy(bytes_.data() + at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  void put_uuid(const Uuid& uuid) {
    std::memcpy(bytes_.data() + at_, uuid.bytes().data(), uuid.bytes().size());
    at_ += uuid.bytes().size();
  }
  template <class Number>
  void put_number(Number number) {  // big-endian
    for (std::size_t i = sizeof(Number); i-- > 0;) bytes_[at_++] = static_cast<std::uint8_t>(number >> (8 * i));
  }

  std::array<std::uint8_t, 82> bytes_{};
  std::size_t at_ = 0;
};

KeyPurpose key_purpose(Purpose purpose) {
  const bool under_content_key = purpose == Purpose::message_text || purpose == Purpose::flag_details;
  return under_content_key ? KeyPurpose::message : KeyPurpose::metadata;
}

// Takes the envelope apart from the front. Only the server writes envelopes and it writes one spelling, so another
// spelling (order, blanks, escapes, upper-case ids) is an edited one.
class Reader {
 public:
  explicit Reader(std::string_view json) : rest_(json) {}

  bool literal(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  std::string_view until_quote() {
    const auto value = rest_.substr(0, rest_.find('"'));
    rest_.remove_prefix(value.size());
    return value;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

struct Parts {
  KeyId key;
  Sealed sealed;
};

template <std::size_t Size>
bool read_base64(std::string_view text, std::array<std::uint8_t, Size>& into) {
  const auto bytes = from_base64(text);
  if (!bytes || bytes->size() != Size) return false;
  std::memcpy(into.data(), bytes->data(), Size);
  return true;
}

std::optional<Parts> parse(std::string_view json) {
  Reader reader(json);
  if (!reader.literal(R"({"v":1,"keyId":")")) return std::nullopt;
  const auto key_text = reader.until_quote();
  if (!reader.literal(R"(","iv":")")) return std::nullopt;
  const auto iv = reader.until_quote();
  if (!reader.literal(R"(","authTag":")")) return std::nullopt;
  const auto tag = reader.until_quote();
  if (!reader.literal(R"(","data":")")) return std::nullopt;
  const auto data = reader.until_quote();
  if (!reader.literal(R"("})") || !reader.at_end()) return std::nullopt;

  const auto key = KeyId::parse(key_text);
  if (!key || key->text() != key_text) return std::nullopt;
  Parts parts{.key = *key, .sealed = {}};
  if (!read_base64(iv, parts.sealed.iv) || !read_base64(tag, parts.sealed.tag)) return std::nullopt;
  auto ciphertext = from_base64(data);
  if (!ciphertext) return std::nullopt;
  parts.sealed.ciphertext = std::move(*ciphertext);
  return parts;
}

}  // namespace

Envelope seal_envelope(Keyring& keys, const Place& place, std::string_view plaintext) {
  const auto active = keys.active(key_purpose(place.purpose));
  if (!active) throw Fault("no active data key");
  const Sealed sealed = seal(*active->key, AdditionalData(place, active->id).bytes(), plaintext);
  keys.count_use(active->id);

  Envelope envelope{.json = {}, .key = active->id};
  envelope.json.reserve(144 + (plaintext.size() + 2) / 3 * 4);
  envelope.json.append(R"({"v":1,"keyId":")").append(active->id.text());
  envelope.json.append(R"(","iv":")").append(to_base64(sealed.iv));
  envelope.json.append(R"(","authTag":")").append(to_base64(sealed.tag));
  envelope.json.append(R"(","data":")").append(to_base64(sealed.ciphertext)).append(R"("})");
  return envelope;
}

std::optional<Secret> open_envelope(const Keyring& keys, const Place& place, std::string_view json) {
  const auto parts = parse(json);
  if (!parts) return std::nullopt;
  const auto key = keys.find(parts->key);
  if (!key) return std::nullopt;
  auto plaintext = open(*key, AdditionalData(place, parts->key).bytes(), parts->sealed);
  if (!plaintext) return std::nullopt;
  return Secret(std::move(*plaintext));
}

}  // namespace mcp::crypto
