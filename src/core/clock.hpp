// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mcp {

// Wall-clock time in UTC, whole milliseconds: what the database and the wire hold (contract-rest 1.1).
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

// Passed as a value to what needs the time, so that a test can advance it.
using Clock = std::function<Timestamp()>;

Timestamp system_now();

// "2026-01-31T12:00:00.000Z"
std::string to_iso8601(Timestamp time);

// Reads ISO 8601 with a zone ("Z" or an offset), 0 to 9 fraction digits (cut to milliseconds). Nothing for other text.
std::optional<Timestamp> parse_iso8601(std::string_view text);

}  // namespace mcp
