// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mcp::crypto {

// Of the libraries that are loaded, which need not be those the program was built with.
std::string openssl_version();
std::string libsodium_version();

}  // namespace mcp::crypto
