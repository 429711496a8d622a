// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/password.hpp"

namespace mcp::identity {

// The hasher as the services of this folder use it: too many passwords at once are an answer, not a fault.
class Passwords {
 public:
  explicit Passwords(crypto::PasswordHasher& hasher) : hasher_(hasher) {}

  //   fails   unavailable when too many passwords wait already
  Task<Result<crypto::PasswordMatch>> verify(Secret password, crypto::StoredPassword stored) const;
  Task<Result<std::string>> hash(Secret password) const;
  crypto::StoredPassword unknown_user() const { return hasher_.unknown_user(); }

 private:
  crypto::PasswordHasher& hasher_;
};

// invalid_credentials, with the one text for every reason; the entry is written already.
std::unexpected<Error> wrong_credentials();

}  // namespace mcp::identity
