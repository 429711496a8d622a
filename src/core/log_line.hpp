// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/log.hpp"

// How a line looks. In both forms nothing that came from outside can end the line, forge another, or steer a terminal:
// control characters, U+2028/2029 and the bidirectional controls are escaped, bytes that are not UTF-8 replaced.
namespace mcp::log {

struct Line {
  Timestamp time;
  Level level;
  std::string_view instance;
  std::string_view component;
  std::string_view message;
  std::initializer_list<FieldValue> fields;
};

// {"time":...,"level":...,"instance":...,"requestId":...,"component":...,"message":...,<other fields>} and a line feed.
std::string json_line(const Line& line);
// For a person at a terminal, in colour.
std::string pretty_line(const Line& line);

}  // namespace mcp::log
