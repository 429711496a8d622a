// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "db/database.hpp"
#include "gateway/gateway.hpp"
#include "http/stats.hpp"
#include "ledger/ledger.hpp"
#include "realtime/hub.hpp"

namespace mcp::app {

// What every part says of itself at one moment.
struct Figures {
  db::PoolStats pool;
  ledger::LedgerStats ledger;
  realtime::HubStats hub;
  gateway::GatewayStats gateway;
  std::uint64_t refused_connections = 0;
  double uptime_seconds = 0;
};

// GET /metrics.
std::string metrics_page(const Figures& figures, const http::Stats& requests);

}  // namespace mcp::app
