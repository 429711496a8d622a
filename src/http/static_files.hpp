// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "http/route.hpp"

namespace mcp::http {

// A file that is part of the program. All views are to constants.
struct StaticFile {
  std::string_view path;  // "/assets/start.1f2e3d4c.css"
  std::string_view content_type;
  std::string_view bytes;
  std::string_view gzip;        // the same, compressed; empty when that gains nothing
  std::string_view entity_tag;  // quoted
  bool is_immutable;            // its name holds the hash of its content
};

// The files of web/static, embedded at build time by tools/embed_files.py.
std::span<const StaticFile> embedded_files();

// A GET route for each file, for anyone. There is no way to a file that is not in the list, so no path to traverse.
std::vector<Route> static_routes(std::span<const StaticFile> files);

}  // namespace mcp::http
