// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::config {

struct ConfigFileMistake {
  std::string key;  // dotted; empty when the text as a whole is wrong
  std::string message;
};

struct ConfigFile {
  std::map<std::string, std::string, std::less<>> values;  // variable -> value, written as the environment would
  std::vector<ConfigFileMistake> mistakes;
};

// config.json: strict JSON, known keys only, each of its type. Ranges are not looked at here.
ConfigFile parse_config_file(std::string_view text);

}  // namespace mcp::config
