// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>

#include "identity/standing.hpp"

namespace mcp::identity {

// Asks, in a unit's acquire(), for the actor's standing and for these permissions of the role (at least one).
void ask_standing(ledger::Acquisition& acquisition, const Actor& actor, std::initializer_list<Permission> permissions);
// In build(): the answer.
Standing read_standing(const ledger::Work& work);

}  // namespace mcp::identity
