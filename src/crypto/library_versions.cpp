// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "crypto/library_versions.hpp"

#include <openssl/crypto.h>
#include <sodium.h>

namespace mcp::crypto {

std::string openssl_version() { return OpenSSL_version(OPENSSL_VERSION_STRING); }

std::string libsodium_version() { return sodium_version_string(); }

}  // namespace mcp::crypto
