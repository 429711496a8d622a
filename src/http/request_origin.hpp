// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "http/message.hpp"
#include "net/address_ranges.hpp"

namespace mcp::http {

// Fills in origin and is_tls. The client is the socket's peer; behind trusted proxies the right-most hop of
// X-Forwarded-For that is none of them. X-Forwarded-Proto counts from a trusted proxy only. A good X-Request-Id is kept
// (8 to 64 of A-Z a-z 0-9 . _ -), else a UUIDv7 is made.
void identify_origin(Request& request, const std::string& peer_address, bool is_tls,
                     const net::AddressRanges& trusted_proxies);

}  // namespace mcp::http
