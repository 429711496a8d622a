// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/layers.hpp"

namespace mcp::config {

// What no variable can tell alone: the refusals of contract-config 3, the relations that section 2 asks for, and the
// warnings.
void check_together(const Joined& joined, Purpose purpose, Findings& findings);

// Contract-config 2 "Which database": is any connection variable given, by whatever layer?
bool is_external_database(const Values& values);

}  // namespace mcp::config
