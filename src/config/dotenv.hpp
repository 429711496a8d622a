// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/secret.hpp"

namespace mcp::config {

struct DotenvMistake {
  std::size_t line = 0;
  std::string message;  // without any part of the line
};

struct Dotenv {
  std::map<std::string, Secret, std::less<>> values;
  std::vector<DotenvMistake> mistakes;
};

// NAME=value a line; blank lines and lines that begin with # are skipped, "export " in front is allowed. A value may
// stand in single quotes (as it is) or double quotes (\n, \t, \", \\, \$ are escapes); unquoted, it ends before " #"
// and its blanks are trimmed. Nothing is substituted.
Dotenv parse_dotenv(std::string_view text);

}  // namespace mcp::config
