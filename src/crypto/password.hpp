// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/fault.hpp"

namespace mcp::crypto {

struct PasswordCost {
  std::uint32_t memory_kib = 19456;
  std::uint32_t time = 3;
};

// As stored in users: hash, its kind, and the salt of the legacy kinds (contract-data 1).
struct StoredPassword {
  std::string hash;  // "!" = unusable, verifies never
  std::string type;  // argon2id, pbkdf2, sha256
  std::string salt;  // legacy kinds only
};

enum class PasswordMatch : std::uint8_t { no, yes, yes_needs_upgrade };

// limits::password_hashes_waiting_max passwords wait already: the caller answers UNAVAILABLE.
class HasherOverloaded : public Fault {
 public:
  HasherOverloaded() : Fault("too many passwords wait to be hashed") {}
};

// Argon2id on threads of its own, so that no I/O thread ever waits for it. At most `threads` hashes run at once: memory
// is bounded by threads * memory_kib. Callers resume on their own shard. hash and verify throw HasherOverloaded, and
// Fault when memory is short or the hasher is going down.
class PasswordHasher {
 public:
  PasswordHasher(PasswordCost cost, std::size_t threads);
  ~PasswordHasher();  // finishes what runs, fails what waits
  PasswordHasher(const PasswordHasher&) = delete;
  PasswordHasher& operator=(const PasswordHasher&) = delete;

  // PHC string "$argon2id$v=19$m=...,t=...,p=1$...".
  Task<std::string> hash(Secret password);
  // For an unknown user call it with unknown_user(). An unusable, malformed or legacy hash costs an Argon2id run of the
  // configured cost, too, so that the time betrays no account.
  Task<PasswordMatch> verify(Secret password, StoredPassword stored);
  // A hash of the configured cost that no password fits.
  StoredPassword unknown_user() const;

 private:
  class Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace mcp::crypto
