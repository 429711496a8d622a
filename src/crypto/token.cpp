// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "crypto/token.hpp"

#include <array>
#include <chrono>
#include <span>

#include "core/check.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "crypto/token_json.hpp"

namespace mcp::crypto {
namespace {

constexpr std::size_t secret_bytes_min =
    32;  // RFC 7518 section 3.2: a key as long as the hash; configuration says it, too
constexpr std::size_t token_bytes_max = 1024;  // ours have about 400; more need not even be hashed
constexpr std::chrono::seconds issued_at_leeway{5};

// base64url of {"alg":"HS256","typ":"JWT"}, which is what sign() writes, and of the other order.
constexpr std::string_view header_written = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
constexpr std::string_view header_other_order = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9";

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

bool fits(const Secret& secret, std::string_view signed_part, std::span<const std::uint8_t> signature) {
  return equal_constant_time(hmac_sha256(bytes_of(secret.reveal()), signed_part), signature);
}

}  // namespace

TokenSigner::TokenSigner(Secret secret, std::optional<Secret> previous)
    : secret_(std::move(secret)), previous_(std::move(previous)) {
  CHECK(secret_.size() >= secret_bytes_min);
  CHECK(!previous_ || previous_->size() >= secret_bytes_min);
}

Secret TokenSigner::sign(const TokenClaims& claims) const {
  std::string token(header_written);
  token.append(".").append(to_base64url(bytes_of(claims_to_json(claims))));
  const auto signature = hmac_sha256(bytes_of(secret_.reveal()), token);
  token.append(".").append(to_base64url(signature));
  CHECK(token.size() <= token_bytes_max);
  return Secret(std::move(token));
}

std::optional<TokenClaims> TokenSigner::verify(std::string_view token, Timestamp now) const {
  if (token.size() > token_bytes_max) return std::nullopt;
  const auto first_dot = token.find('.');
  const auto last_dot = token.rfind('.');
  if (first_dot == std::string_view::npos || first_dot == last_dot) return std::nullopt;
  // No header is parsed: whatever it says, one algorithm is used, and a header of ours has two spellings.
  const auto header = token.substr(0, first_dot);
  if (header != header_written && header != header_other_order) return std::nullopt;
  // A dot inside the payload is no base64url, so a fourth part is refused below.
  const auto payload = from_base64url(token.substr(first_dot + 1, last_dot - first_dot - 1));
  const auto signature = from_base64url(token.substr(last_dot + 1));
  if (!payload || !signature) return std::nullopt;

  const auto signed_part = token.substr(0, last_dot);
  if (!fits(secret_, signed_part, *signature) && !(previous_ && fits(*previous_, signed_part, *signature))) {
    return std::nullopt;
  }
  const auto claims = claims_from_json(text_of(*payload));
  if (!claims || claims->expires_at <= now || claims->issued_at > now + issued_at_leeway) return std::nullopt;
  return claims;
}

}  // namespace mcp::crypto
