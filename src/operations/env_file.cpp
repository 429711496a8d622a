// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/env_file.hpp"

#include <string_view>
#include <utility>

#include "operations/durable_file.hpp"
#include "operations/failure.hpp"

namespace mcp::operations {
namespace {

constexpr std::size_t env_file_bytes_max = 256 * 1024;

constexpr std::string_view header =
    "# Secrets of this installation, made by `mcp-messenger setup`. Without the two keys no message can be read "
    "again:\n"
    "# keep a copy in a safe place, never in version control.\n";

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool sets(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = trim(text.substr(0, end));
    if (line.starts_with("export ")) line = trim(line.substr(7));
    const auto equals = line.find('=');
    if (equals != std::string_view::npos && trim(line.substr(0, equals)) == name) return true;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

void add_to_env_file(const Home& home, const std::vector<EnvLine>& lines) {
  const auto present = read_secret_file(home.env_file(), env_file_bytes_max);
  std::string text(present ? present->reveal() : header);
  if (!text.empty() && text.back() != '\n') text.push_back('\n');
  for (const auto& [name, value] : lines) {
    if (present && sets(present->reveal(), name)) {
      throw Failure(ExitCode::configuration,
                    name + " stands in " + home.env_file().string() + " without a usable value");
    }
    text.append(name).append("=").append(value.reveal()).append("\n");
  }
  const Secret whole(std::move(text));
  write_file(home.env_file(), whole.reveal(), 0600);
}

bool is_in_env_file(const Home& home, const std::string& name) {
  const auto present = read_secret_file(home.env_file(), env_file_bytes_max);
  return present && sets(present->reveal(), name);
}

}  // namespace mcp::operations
