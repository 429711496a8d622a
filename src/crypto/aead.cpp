// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "crypto/aead.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <limits>
#include <memory>

#include "crypto/random.hpp"

namespace mcp::crypto {
namespace {

// Fetched once per process, never freed: fetching locks and searches the providers.
EVP_CIPHER* gcm_algorithm() {
  static EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  if (algorithm == nullptr) throw Fault("OpenSSL offers no AES-256-GCM");
  return algorithm;
}

int checked_length(std::size_t bytes) {
  if (bytes > static_cast<std::size_t>(std::numeric_limits<int>::max()) - 16)
    throw Fault("too long for one encryption");
  return static_cast<int>(bytes);
}

// One direction of AES-256-GCM, used again and again by one thread. Between two uses it holds a key of zeros: the key
// schedule of a data key would otherwise stay in memory that is neither locked nor kept out of dumps.
class Cipher {
 public:
  enum class Direction : int { decrypt = 0, encrypt = 1 };

  explicit Cipher(Direction direction) : context_(EVP_CIPHER_CTX_new()) {
    if (!context_) throw Fault("no memory for a cipher");
    if (EVP_CipherInit_ex(context_.get(), gcm_algorithm(), nullptr, nullptr, nullptr, static_cast<int>(direction)) !=
        1) {
      throw Fault("AES-256-GCM cannot be set up");
    }
  }

  // The key stays set until the returned guard dies.
  class InUse {
   public:
    explicit InUse(EVP_CIPHER_CTX* context) : context_(context) {}
    InUse(const InUse&) = delete;
    InUse& operator=(const InUse&) = delete;
    ~InUse() {
      static constexpr std::array<std::uint8_t, 32> zeros{};
      EVP_CipherInit_ex(context_, nullptr, nullptr, zeros.data(), zeros.data(), -1);
    }

   private:
    EVP_CIPHER_CTX* context_;
  };

  [[nodiscard]] InUse begin(const LockedKey& key, std::span<const std::uint8_t, 12> iv,
                            std::span<const std::uint8_t> aad) {
    if (EVP_CipherInit_ex(context_.get(), nullptr, nullptr, key.bytes().data(), iv.data(), -1) != 1) {
      throw Fault("AES-256-GCM refuses key and nonce");
    }
    int size = 0;
    if (!aad.empty() && EVP_CipherUpdate(context_.get(), nullptr, &size, aad.data(), checked_length(aad.size())) != 1) {
      throw Fault("AES-256-GCM refuses the additional data");
    }
    return InUse(context_.get());
  }

  void update(std::span<const std::uint8_t> in, std::uint8_t* out) {
    int size = 0;
    if (EVP_CipherUpdate(context_.get(), out, &size, in.data(), checked_length(in.size())) != 1 ||
        static_cast<std::size_t>(size) != in.size()) {
      throw Fault("AES-256-GCM failed");
    }
  }

  std::array<std::uint8_t, 16> finish_with_tag() {
    std::array<std::uint8_t, 16> tag;
    int size = 0;
    if (EVP_CipherFinal_ex(context_.get(), tag.data(), &size) != 1 || size != 0 ||
        EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()), tag.data()) != 1) {
      throw Fault("AES-256-GCM failed");
    }
    return tag;
  }

  bool finish_and_check(std::array<std::uint8_t, 16> tag) {
    std::uint8_t nothing[16];
    int size = 0;
    if (EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), tag.data()) != 1) {
      throw Fault("AES-256-GCM failed");
    }
    return EVP_CipherFinal_ex(context_.get(), nothing, &size) == 1;
  }

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  };
  std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
};

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Sealed seal(const LockedKey& key, std::span<const std::uint8_t> aad, std::string_view plaintext) {
  thread_local Cipher cipher(Cipher::Direction::encrypt);
  Sealed sealed;
  random_fill(sealed.iv);
  const auto in_use = cipher.begin(key, sealed.iv, aad);
  if (!plaintext.empty()) {
    sealed.ciphertext.resize(plaintext.size());
    cipher.update(bytes_of(plaintext), sealed.ciphertext.data());
  }
  sealed.tag = cipher.finish_with_tag();
  return sealed;
}

std::optional<std::string> open(const LockedKey& key, std::span<const std::uint8_t> aad, const Sealed& sealed) {
  thread_local Cipher cipher(Cipher::Direction::decrypt);
  std::string plaintext(sealed.ciphertext.size(), '\0');
  const auto in_use = cipher.begin(key, sealed.iv, aad);
  if (!sealed.ciphertext.empty()) {
    cipher.update(sealed.ciphertext, reinterpret_cast<std::uint8_t*>(plaintext.data()));
  }
  if (!cipher.finish_and_check(sealed.tag)) {
    OPENSSL_cleanse(plaintext.data(), plaintext.size());  // decrypted, but by nobody who may be believed
    return std::nullopt;
  }
  return plaintext;
}

}  // namespace mcp::crypto
