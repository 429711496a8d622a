// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "audit/events.hpp"
#include "core/actor.hpp"
#include "ledger/entry.hpp"

namespace mcp::identity {

// Who changes an account: the operator at the command line, or the server itself at its start.
struct Author {
  std::optional<std::string> os_user;  // of the command line; none: the server itself
};

// Entries of the command line have no user and say where they come from (contract-rest 9.3).
inline ledger::Entry entry_of(const Author& author, std::string_view action, audit::Details details) {
  if (author.os_user) details.word("origin", "cli").word("osUser", *author.os_user);
  return audit::entry(action, std::nullopt, Origin{}, std::move(details));
}

}  // namespace mcp::identity
