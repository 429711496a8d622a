// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// The verifier of tokens. Arbitrary text is never accepted; nor are headers and claims that are signed with our key but
// not ours in shape: the input "header\npayload" is encoded and signed here, so that the fuzzer reaches the parser
// behind the signature.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "crypto/token.hpp"

namespace {

constexpr std::string_view key = "a key of the fuzz target, 32 bytes or more";
constexpr mcp::Timestamp now{std::chrono::milliseconds{1'893'456'000'000}};

void require(bool claim) {
  if (!claim) std::abort();
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string signed_token(std::string_view header, std::string_view payload) {
  std::string token = mcp::crypto::to_base64url(bytes_of(header)) + "." + mcp::crypto::to_base64url(bytes_of(payload));
  const auto signature = mcp::crypto::hmac_sha256(bytes_of(key), token);
  return token + "." + mcp::crypto::to_base64url(signature);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const mcp::crypto::TokenSigner signer{mcp::Secret(std::string(key)), std::nullopt};
  static const mcp::crypto::TokenSigner other{mcp::Secret("another key, which signs nothing of ours"), std::nullopt};
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  require(!signer.verify(input, now));

  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  const std::string token = signed_token(input.substr(0, end), input.substr(end + 1));
  require(!other.verify(token, now));
  if (const auto claims = signer.verify(token, now)) {
    require(claims->expires_at > now && claims->issued_at <= now + std::chrono::seconds(5));
    require(!signer.verify(token + "A", now) && !signer.verify(token, claims->expires_at));
  }
  return 0;
}
