// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "http/route.hpp"

namespace mcp::http {

struct Readiness {
  bool database = false;
  bool migrations = false;
  bool keys = false;
  bool audit_writer = false;
  bool disk = false;

  bool is_ready() const { return database && migrations && keys && audit_writer && disk; }
};

struct ServiceSettings {
  Clock clock = system_now;
  // Asked at most once a second. What it throws, or a check that takes longer than two seconds, counts as all failed.
  std::function<Task<Readiness>()> check_readiness;
  std::function<bool()> is_draining;
  std::vector<std::string> metrics_allow;                       // CIDR
  std::function<bool(std::string_view)> is_metrics_token = {};  // compares in constant time; empty: there is no token
  std::function<std::string()> metrics_text;                    // Prometheus text 0.0.4
};

// GET /health, /ready and /metrics (contract-rest 1.7). Throws std::invalid_argument for an entry of metrics_allow that
// is no network.
std::vector<Route> service_routes(ServiceSettings settings);

}  // namespace mcp::http
