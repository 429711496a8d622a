// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mcp::db {

// SQL with a name. Prepared once per connection under the name, with the parameter types of its first use; a constant
// at the top of a _store file. The name ("messages.list_before") is what logs and faults show.
struct Statement {
  std::string_view name;
  std::string_view sql;
};

}  // namespace mcp::db
