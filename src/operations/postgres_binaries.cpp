// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/postgres_binaries.hpp"

#include <unistd.h>

#include <charconv>
#include <string>
#include <system_error>

#include "operations/failure.hpp"

namespace mcp::operations {
namespace {

namespace fs = std::filesystem;

std::optional<int> parse_major(const std::string& text) {
  int major = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), major);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return major;
}

bool has_server(const fs::path& folder) {
  return ::access((folder / "initdb").c_str(), X_OK) == 0 && ::access((folder / "postgres").c_str(), X_OK) == 0;
}

std::optional<PostgresBinaries> find_newest(const fs::path& root) {
  std::optional<PostgresBinaries> newest;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root, error)) {
    const auto major = parse_major(entry.path().filename().string());
    const fs::path folder = entry.path() / "bin";
    if (!major || *major < postgres_major_min || !has_server(folder)) continue;
    if (!newest || newest->major < *major) newest = PostgresBinaries{.major = *major, .folder = folder};
  }
  return newest;
}

}  // namespace

PostgresBinaries newest_postgres(const fs::path& root) {
  if (auto found = find_newest(root)) return *found;
  throw Failure(ExitCode::unavailable,
                "no PostgreSQL server (version 12 or later) under " + root.string() +
                    ": install it with `apt-get install postgresql`, or name an external server with DB_HOST");
}

PostgresBinaries postgres_of_major(int major, const fs::path& root) {
  const fs::path folder = root / std::to_string(major) / "bin";
  if (has_server(folder)) return {.major = major, .folder = folder};
  std::string text = "the private database was made by PostgreSQL " + std::to_string(major) +
                     ", whose server is not installed: `apt-get install postgresql-" + std::to_string(major) + "`";
  if (const auto newest = find_newest(root)) {
    text += ", or move the data to PostgreSQL " + std::to_string(newest->major) + " with " +
            (newest->folder / "pg_upgrade").string() + " (it needs both versions once)";
  }
  throw Failure(ExitCode::unavailable, text);
}

}  // namespace mcp::operations
