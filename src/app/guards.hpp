// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>

#include "config/config.hpp"
#include "http/router.hpp"
#include "http/upgrade.hpp"

namespace mcp::identity {
class SessionService;
}
namespace mcp::ledger {
class Ledger;
}

namespace mcp::app {

// What an exception is to a client and to the log: the database away or a queue full is 503, a bug of ours 500. Never
// any data.
http::FaultReport classify_fault(std::exception_ptr fault);

// The checks in front of every route, and of every WebSocket upgrade. The arguments outlive the guards.
http::Guards make_guards(const config::Network& network, identity::SessionService& sessions, ledger::Ledger& ledger);
http::UpgradeGuards make_upgrade_guards(const config::Network& network, ledger::Ledger& ledger,
                                        std::function<Result<>(const http::Request&)> admit);

}  // namespace mcp::app
