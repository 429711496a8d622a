// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace mcp::crypto {

// OpenSSL, libsodium or the kernel failed; never "the tag does not match". Carries no key and no text.
class Fault : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace mcp::crypto
