// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "db/library_version.hpp"

#include <libpq-fe.h>

namespace mcp::db {

std::string libpq_version() {
  const int number = PQlibVersion();  // 150014 = 15.14 (from 10 on)
  return std::to_string(number / 10000) + "." + std::to_string(number % 10000);
}

}  // namespace mcp::db
