// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

namespace mcp::operations {

// The server programs of one PostgreSQL major version.
struct PostgresBinaries {
  int major = 0;
  std::filesystem::path folder;  // holds initdb and postgres
};

inline constexpr int postgres_major_min = 12;

// The newest under `root` (/usr/lib/postgresql/<major>/bin, as Debian lays them out). Throws Failure{unavailable} with
// the command that installs one.
PostgresBinaries newest_postgres(const std::filesystem::path& root = "/usr/lib/postgresql");

// Exactly this major version, for a data directory that exists: another one cannot read it. Throws Failure{unavailable}
// with what to do.
PostgresBinaries postgres_of_major(int major, const std::filesystem::path& root = "/usr/lib/postgresql");

}  // namespace mcp::operations
