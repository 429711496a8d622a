// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/passwords.hpp"

#include <chrono>

namespace mcp::identity {
namespace {

std::unexpected<Error> overloaded() {
  return std::unexpected(Error{.code = ErrorCode::unavailable,
                               .message = "Too many passwords are being checked",
                               .fields = {},
                               .retry_after = std::chrono::seconds(1)});
}

}  // namespace

Task<Result<crypto::PasswordMatch>> Passwords::verify(Secret password, crypto::StoredPassword stored) const {
  try {
    co_return co_await hasher_.verify(std::move(password), std::move(stored));
  } catch (const crypto::HasherOverloaded&) {
    co_return overloaded();
  }
}

Task<Result<std::string>> Passwords::hash(Secret password) const {
  try {
    co_return co_await hasher_.hash(std::move(password));
  } catch (const crypto::HasherOverloaded&) {
    co_return overloaded();
  }
}

std::unexpected<Error> wrong_credentials() {
  return fail_recorded(ErrorCode::invalid_credentials, "User name or password is wrong, or the account cannot be used");
}

}  // namespace mcp::identity
