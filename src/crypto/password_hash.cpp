// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "crypto/password_hash.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "core/check.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "crypto/random.hpp"

namespace mcp::crypto {
namespace {

// What a stored hash may ask of us, whoever imported it: the top of the configurable range, and node-argon2's lanes.
constexpr std::uint32_t memory_kib_max = 1'048'576;
constexpr std::uint32_t time_max = 16;
constexpr std::uint32_t lanes_max = 16;

constexpr int pbkdf2_iterations_default = 10'000;
constexpr int pbkdf2_iterations_max = 10'000'000;

struct Argon2Parameters {
  std::uint32_t memory_kib = 0;
  std::uint32_t time = 0;
  std::uint32_t lanes = 0;
};

bool take_literal(std::string_view& text, std::string_view literal) {
  if (!text.starts_with(literal)) return false;
  text.remove_prefix(literal.size());
  return true;
}

std::optional<std::uint32_t> take_number(std::string_view& text, std::uint32_t max) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number == 0 || number > max) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<Argon2Parameters> parameters_of(std::string_view phc) {
  if (!take_literal(phc, "$argon2id$v=19$m=")) return std::nullopt;
  const auto memory_kib = take_number(phc, memory_kib_max);
  if (!memory_kib || !take_literal(phc, ",t=")) return std::nullopt;
  const auto time = take_number(phc, time_max);
  if (!time || !take_literal(phc, ",p=")) return std::nullopt;
  const auto lanes = take_number(phc, lanes_max);
  if (!lanes || !take_literal(phc, "$")) return std::nullopt;
  return Argon2Parameters{.memory_kib = *memory_kib, .time = *time, .lanes = *lanes};
}

bool fits_argon2id(const Secret& password, const std::string& phc) {
  const auto text = password.reveal();
  return crypto_pwhash_str_verify(phc.c_str(), text.data(), text.size()) == 0;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto [end, error] = std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, bytes[i], 16);
    if (error != std::errc{} || end != text.data() + 2 * i + 2) return std::nullopt;
  }
  return bytes;
}

bool fits_pbkdf2(const Secret& password, const StoredPassword& stored) {
  std::string_view hash = stored.hash;
  int iterations = pbkdf2_iterations_default;
  if (const auto dollar = hash.find('$'); dollar != std::string_view::npos) {
    const auto given = take_number(hash, pbkdf2_iterations_max);
    if (!given || !take_literal(hash, "$")) return false;
    iterations = static_cast<int>(*given);
  }
  const auto expected = from_hex(hash);
  if (!expected || (expected->size() != 64 && expected->size() != 32)) return false;
  const EVP_MD* const digest = expected->size() == 64 ? EVP_sha512() : EVP_sha256();
  Bytes derived(expected->size());
  const auto text = password.reveal();
  const bool done = PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()),
                                      reinterpret_cast<const unsigned char*>(stored.salt.data()),
                                      static_cast<int>(stored.salt.size()), iterations, digest,
                                      static_cast<int>(derived.size()), derived.data()) == 1;
  if (!done) throw Fault("PBKDF2 failed");
  return equal_constant_time(derived, *expected);
}

bool fits_sha256(const Secret& password, const StoredPassword& stored) {
  const auto expected = from_hex(stored.hash);
  std::string salted = stored.salt;
  salted.append(password.reveal());
  const auto digest = sha256(salted);
  OPENSSL_cleanse(salted.data(), salted.size());
  return expected && equal_constant_time(digest, *expected);
}

}  // namespace

std::string hash_password(const Secret& password, PasswordCost cost) {
  std::array<char, crypto_pwhash_STRBYTES> phc{};
  const auto text = password.reveal();
  if (crypto_pwhash_str_alg(phc.data(), text.data(), text.size(), cost.time, std::size_t{cost.memory_kib} * 1024,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw Fault("no memory to hash a password");
  }
  return phc.data();
}

PasswordMatch verify_password(const Secret& password, const StoredPassword& stored, const std::string& decoy,
                              PasswordCost cost) {
  if (stored.type == "argon2id") {
    if (const auto parameters = parameters_of(stored.hash)) {
      if (!fits_argon2id(password, stored.hash)) return PasswordMatch::no;
      const bool is_current =
          parameters->memory_kib == cost.memory_kib && parameters->time == cost.time && parameters->lanes == 1;
      return is_current ? PasswordMatch::yes : PasswordMatch::yes_needs_upgrade;
    }
  }
  fits_argon2id(password, decoy);
  if (stored.type == "pbkdf2" && fits_pbkdf2(password, stored)) return PasswordMatch::yes_needs_upgrade;
  if (stored.type == "sha256" && fits_sha256(password, stored)) return PasswordMatch::yes_needs_upgrade;
  return PasswordMatch::no;
}

std::string decoy_hash(PasswordCost cost) {
  std::array<std::uint8_t, 16> salt;
  std::array<std::uint8_t, 32> hash;
  random_fill(salt);
  random_fill(hash);
  std::string salt_text = to_base64(salt);
  std::string hash_text = to_base64(hash);
  std::erase(salt_text, '=');
  std::erase(hash_text, '=');
  return fmt::format("$argon2id$v=19$m={},t={},p=1${}${}", cost.memory_kib, cost.time, salt_text, hash_text);
}

}  // namespace mcp::crypto
