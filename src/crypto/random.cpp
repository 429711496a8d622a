// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "crypto/random.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "core/check.hpp"
#include "crypto/encoding.hpp"

namespace mcp::crypto {

void random_fill(std::span<std::uint8_t> into) {
  while (!into.empty()) {
    // Up to 256 bytes getrandom answers whole or not at all, signals included (getrandom(2)).
    const auto piece = into.first(std::min<std::size_t>(into.size(), 256));
    const auto got = getrandom(piece.data(), piece.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    CHECK(got == static_cast<ssize_t>(piece.size()));
    into = into.subspan(piece.size());
  }
}

Secret random_token(std::size_t bytes) {
  Bytes random(bytes);
  random_fill(random);
  Secret token(to_base64url(random));
  explicit_bzero(random.data(), random.size());
  return token;
}

}  // namespace mcp::crypto
