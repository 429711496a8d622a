// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

// What the fields of an account may hold (contract-rest 2).
namespace mcp::identity {

// ^[A-Za-z0-9_-]{3,50}$
std::optional<FieldError> check_username(std::string_view username);
// local@domain, without white space or control characters, at most 255 code points; the address is not asked.
std::optional<FieldError> check_email(std::string_view email);
// First or last name: at most 100 code points, something visible, no control character.
std::optional<FieldError> check_person_name(std::string_view name, std::string_view field);

}  // namespace mcp::identity
