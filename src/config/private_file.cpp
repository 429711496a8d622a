// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace mcp::config {

std::string explain(FileState state) {
  switch (state) {
    case FileState::missing: return "does not exist";
    case FileState::unreadable: return "cannot be read";
    case FileState::not_a_file: return "is no regular file";
    case FileState::too_large: return "is too large";
    case FileState::readable_by_others:
      return "is readable by others: its mode must not be wider than 0600 (0640 when root owns it)";
    case FileState::foreign_owner: return "belongs neither to this user nor to root";
  }
  return "cannot be read";
}

std::expected<Secret, FileState> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO must not hang the start
  if (descriptor < 0) {
    return std::unexpected(errno == ENOENT || errno == ENOTDIR ? FileState::missing : FileState::unreadable);
  }
  struct stat status{};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(descriptor);
    return std::unexpected(FileState::not_a_file);
  }
  std::string content(bytes_max + 1, '\0');
  std::size_t size = 0;
  ssize_t bytes = 0;
  while (size < content.size() && (bytes = read(descriptor, content.data() + size, content.size() - size)) > 0) {
    size += static_cast<std::size_t>(bytes);
  }
  close(descriptor);
  content.resize(size);
  Secret secret(std::move(content));
  if (bytes < 0) return std::unexpected(FileState::unreadable);
  if (size > bytes_max) return std::unexpected(FileState::too_large);
  return secret;
}

std::expected<void, FileState> check_private(const std::filesystem::path& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return std::unexpected(FileState::missing);
  if (!S_ISREG(status.st_mode)) return std::unexpected(FileState::not_a_file);
  const bool is_ours = status.st_uid == geteuid();
  if (!is_ours && status.st_uid != 0) return std::unexpected(FileState::foreign_owner);
  const mode_t forbidden = status.st_uid == 0 ? 0037 : 0077;
  if ((status.st_mode & forbidden) != 0) return std::unexpected(FileState::readable_by_others);
  return {};
}

bool is_open_to_others(const std::filesystem::path& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && (status.st_mode & 0077) != 0;
}

}  // namespace mcp::config
