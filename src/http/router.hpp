// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "http/route.hpp"

namespace mcp::http {

// The checks that come before every handler, given by those who know them. Each may throw (the caller answers 500/503).
struct Guards {
  // Bearer token -> who is asking, whatever the account's state of forced change; token_invalid or auth_required otherwise.
  // The session row and the account are read each time (contract-rest 1.3).
  std::function<Task<Result<Actor>>(const Request&)> authenticate;
  // May this actor use anything but the routes open to a restricted session?
  std::function<Result<>(const Actor&)> check_restrictions;
  // Network range and rate limit, before authentication.
  std::function<Result<>(const Request&, const Route&)> admit;
  // Writes authentication_failure / authorization_failure before the refusal leaves; throws when it cannot.
  std::function<Task<>(const Request&, const Route&, std::optional<Actor>, const Error&)> record_refusal;
};

// Finds the route and runs guards and handler in the order of ARCHITECTURE.md "One REST request". Immutable once serving.
class Router {
 public:
  explicit Router(Guards guards);
  void add(std::vector<Route> routes);  // throws std::logic_error for a doubled method and path
  const std::vector<Route>& routes() const { return routes_; }

  // Never throws: every fault becomes a 500 or 503 problem document, logged with request id and statement name.
  Task<Response> respond(Request request) const;

 private:
  Guards guards_;
  std::vector<Route> routes_;
};

}  // namespace mcp::http
