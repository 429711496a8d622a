// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "net/tls.hpp"

struct ssl_ctx_st;

namespace mcp::net {

using SslContext = std::shared_ptr<ssl_ctx_st>;

struct Tls::Impl {
  std::string certificate_file;
  std::string key_file;
  mutable std::mutex mutex;  // guards context
  SslContext context;

  SslContext current() const {
    const std::lock_guard lock(mutex);
    return context;
  }
};

}  // namespace mcp::net
