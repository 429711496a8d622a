// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace mcp::http {

struct Target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
};

// Reads the request target: a path with an optional query, or an absolute http(s) URI of the same host. Everything is
// decoded once; what decodes to a control character, a slash, a backslash, a dot segment or invalid UTF-8 is refused,
// so that no later reader can see another path than the router did.
//   host   the Host header
//   fails  bad_request
Result<Target> parse_target(std::string_view target, std::string_view host);

using NamedValues = std::vector<std::pair<std::string, std::string>>;

// application/x-www-form-urlencoded, which queries are as well: '+' is a space.
//   fails  bad_request: bad encoding, NUL, invalid UTF-8, a name that is empty or repeated, more than 200 names
Result<NamedValues> parse_form(std::string_view text);

}  // namespace mcp::http
