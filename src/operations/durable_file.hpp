// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/secret.hpp"

namespace mcp::operations {

// Replaces the whole file or leaves the old one: temporary name in the same folder, synced, renamed, folder synced. The
// mode is exact whatever the umask. Throws Failure{cannot_create} or Failure{io}.
void write_file(const std::filesystem::path& path, std::string_view content, mode_t mode);

// Nothing when there is no such file. Throws Failure{not_permitted} or Failure{io}; Failure{data} above `bytes_max`.
std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max);

// The same for a file that holds secrets; refuses one that others may read or write, or that is not ours, with
// Failure{not_permitted}.
std::optional<Secret> read_secret_file(const std::filesystem::path& path, std::size_t bytes_max);

void sync_folder(const std::filesystem::path& folder);

// An open descriptor, closed at the end.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

}  // namespace mcp::operations
