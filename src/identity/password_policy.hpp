// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/result.hpp"

namespace mcp::identity {

struct PasswordPolicy {
  std::size_t length_min = 12;  // code points; passwordMinLength of contract-rest 10.4
};

// The rules of contract-rest 3 for a new password, "not the current one" excepted. Nothing when it may be used.
//   password   valid UTF-8
//   field      name of the request's field, for the error
std::optional<FieldError> check_password(const PasswordPolicy& policy, std::string_view password,
                                         std::string_view username, std::string_view field);

// Is it a common password (known_passwords) in one of its usual disguises: other case, digits and signs around it,
// letters replaced by look-alikes, said twice; or no word at all but one piece repeated or a run along the alphabet?
bool is_common_password(std::string_view password);

}  // namespace mcp::identity
