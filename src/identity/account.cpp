// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/account.hpp"

#include <algorithm>
#include <array>

namespace mcp::identity {
namespace {

constexpr std::array<std::string_view, 5> status_names{"active", "pending", "inactive", "suspended", "deleted"};

}  // namespace

std::string_view name(AccountStatus status) { return status_names.at(static_cast<std::size_t>(status)); }

std::optional<AccountStatus> parse_account_status(std::string_view text) {
  const auto* const found = std::ranges::find(status_names, text);
  if (found == status_names.end()) return std::nullopt;
  return static_cast<AccountStatus>(found - status_names.begin());
}

std::string Account::display_name() const {
  std::string name = first_name.value_or("");
  if (last_name && !last_name->empty()) {
    if (!name.empty()) name += ' ';
    name += *last_name;
  }
  return name.empty() ? username : name;
}

}  // namespace mcp::identity
