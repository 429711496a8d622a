// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "db/link.hpp"
#include "support/database.hpp"

namespace mcp::test {

// A way to the database that can break like a network: it listens on a port of 127.0.0.1, passes bytes on, and can go
// silent without closing anything. Lives on the loop, which must outlive it.
class Proxy {
 public:
  Proxy(Loop& loop, db::Address target);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  db::Address address() const;  // the target's, through the proxy
  void go_silent();             // nothing more passes, in either direction
  void cut();                   // ends all connections; new ones pass again

 private:
  struct State;
  static Task<> accept(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace mcp::test
