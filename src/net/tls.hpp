// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

namespace mcp::net {

// TLS server settings. load() and reload() throw std::runtime_error naming the file when certificate and key do not
// fit; after a failed reload() the old pair stays in force, as it does for connections that exist. TLS 1.2 with AEAD
// and forward secrecy only, and TLS 1.3.
//
// No session tickets, no session cache: a ticket key that lives as long as the process would decrypt recorded traffic,
// early data could be replayed, and a full handshake costs a millisecond or less, which a reconnect storm can bear.
class Tls {
 public:
  static std::shared_ptr<Tls> load(std::string certificate_file, std::string key_file);
  ~Tls();
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;
  void reload();  // any thread

 private:
  Tls(std::string certificate_file, std::string key_file);
  friend class TlsStream;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcp::net
