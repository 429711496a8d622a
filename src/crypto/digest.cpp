// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>

#include "crypto/encoding.hpp"
#include "crypto/fault.hpp"

namespace mcp::crypto {
namespace {

// Fetching takes locks and searches the providers: once per process. Never freed, so that any thread may end last.
EVP_MD* sha256_algorithm() {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  if (algorithm == nullptr) throw Fault("OpenSSL offers no SHA-256");
  return algorithm;
}

EVP_MAC* hmac_algorithm() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  if (algorithm == nullptr) throw Fault("OpenSSL offers no HMAC");
  return algorithm;
}

class DigestContext {
 public:
  DigestContext() : context_(EVP_MD_CTX_new()) {
    if (!context_) throw Fault("no memory for a digest");
  }

  Sha256 digest(std::string_view bytes) {
    Sha256 out;
    unsigned int size = 0;
    if (EVP_DigestInit_ex2(context_.get(), sha256_algorithm(), nullptr) != 1 ||
        EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1 ||
        EVP_DigestFinal_ex(context_.get(), out.data(), &size) != 1 || size != out.size()) {
      throw Fault("SHA-256 failed");
    }
    return out;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

class MacContext {
 public:
  MacContext() : context_(EVP_MAC_CTX_new(hmac_algorithm())) {
    if (!context_) throw Fault("no memory for a MAC");
    char digest_name[] = "SHA2-256";
    const OSSL_PARAM settings[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
                                   OSSL_PARAM_construct_end()};
    if (EVP_MAC_CTX_set_params(context_.get(), settings) != 1) throw Fault("HMAC refuses SHA-256");
  }

  Sha256 mac(std::span<const std::uint8_t> key, std::string_view bytes) {
    static constexpr std::uint8_t no_key = 0;  // an empty key needs an address: null would mean "the key of before"
    Sha256 out;
    std::size_t size = 0;
    const bool done =
        EVP_MAC_init(context_.get(), key.empty() ? &no_key : key.data(), key.size(), nullptr) == 1 &&
        EVP_MAC_update(context_.get(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) == 1 &&
        EVP_MAC_final(context_.get(), out.data(), &size, out.size()) == 1 && size == out.size();
    // The context outlives the call; a key that nobody uses any more must not stay in it.
    EVP_MAC_init(context_.get(), &no_key, 1, nullptr);
    if (!done) throw Fault("HMAC failed");
    return out;
  }

 private:
  struct Free {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };
  std::unique_ptr<EVP_MAC_CTX, Free> context_;
};

}  // namespace

Sha256 sha256(std::string_view bytes) {
  thread_local DigestContext context;
  return context.digest(bytes);
}

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

Sha256 hmac_sha256(std::span<const std::uint8_t> key, std::string_view bytes) {
  thread_local MacContext context;
  return context.mac(key, bytes);
}

std::array<std::uint8_t, 32> hkdf_sha256(std::span<const std::uint8_t> key, std::string_view salt,
                                         std::string_view info) {
  // RFC 5869 sections 2.2 and 2.3; 32 bytes are one round of the expansion.
  const std::span<const std::uint8_t> salt_bytes(reinterpret_cast<const std::uint8_t*>(salt.data()), salt.size());
  const std::string_view input(reinterpret_cast<const char*>(key.data()), key.size());
  auto pseudorandom_key = hmac_sha256(salt_bytes, input);
  std::string round(info);
  round.push_back('\x01');
  const auto out = hmac_sha256(pseudorandom_key, round);
  OPENSSL_cleanse(pseudorandom_key.data(), pseudorandom_key.size());
  return out;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool equal_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace mcp::crypto
