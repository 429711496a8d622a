// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/token.hpp"

namespace mcp::crypto {

// The payload of a token: {"sub":...,"sid":...,"role":...,"iat":...,"exp":...,"jti":...}, times in whole seconds.
std::string claims_to_json(const TokenClaims& claims);
// Nothing unless it is one object of exactly these six members, each of its type, ids in lower case, times as integers.
std::optional<TokenClaims> claims_from_json(std::string_view json);

}  // namespace mcp::crypto
