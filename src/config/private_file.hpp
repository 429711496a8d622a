// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>

#include "core/secret.hpp"

namespace mcp::config {

enum class FileState : std::uint8_t { missing, unreadable, not_a_file, too_large, readable_by_others, foreign_owner };

// What is wrong, as the end of a sentence about the file.
std::string explain(FileState state);

// The content of a small file; its mode is the caller's to judge.
std::expected<Secret, FileState> read_file(const std::filesystem::path& path, std::size_t bytes_max);

// Can nobody but the service user (or root) write it, and nobody else read it? Owner = effective user and mode at most
// 0600, or owner root and mode at most 0640 (contract-config 1).
std::expected<void, FileState> check_private(const std::filesystem::path& path);

// Has the file or directory any right for group or others?
bool is_open_to_others(const std::filesystem::path& path);

}  // namespace mcp::config
