// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/id.hpp"
#include "core/secret.hpp"

namespace mcp::crypto {

// The claims of contract-rest 1.3. `role` is a hint for clients; the server never decides by it.
struct TokenClaims {
  UserId subject;
  SessionId session;
  std::string role;
  Timestamp issued_at;  // whole seconds on the wire
  Timestamp expires_at;
  Uuid token_id;
};

// JSON Web Tokens, HS256 and nothing else (RFC 8725: the algorithm is a property of the key, not of the token).
class TokenSigner {
 public:
  TokenSigner(Secret secret, std::optional<Secret> previous);  // previous: verifies only

  Secret sign(const TokenClaims& claims) const;
  // Nothing for anything but a well-formed, correctly signed, unexpired token of ours: exact base64url, header exactly
  // {"alg":"HS256","typ":"JWT"} in either order, all claims present with the right types, no duplicate key, iat at most
  // 5 s in the future.
  std::optional<TokenClaims> verify(std::string_view token, Timestamp now) const;

 private:
  Secret secret_;
  std::optional<Secret> previous_;
};

}  // namespace mcp::crypto
