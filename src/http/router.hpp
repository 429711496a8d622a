// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.hpp"
#include "http/route.hpp"

namespace mcp::http {

// What is told and what is logged of an exception that a guard or handler let through.
struct FaultReport {
  Error error{.code = ErrorCode::internal, .message = "Internal server error", .fields = {}};
  std::string error_class = {};  // the exception's kind; no data
  std::string statement = {};    // name of the SQL statement, if there was one
  std::string sqlstate = {};
};

// The checks that come before every handler, given by those who know them. Each may throw (the caller answers 500/503);
// one that is empty lets everything pass, save authenticate: without it nobody is known.
struct Guards {
  // Network range and rate limit, first of all. The route of an unknown path is "/api/*" or "*".
  std::function<Result<>(const Request&, const Route&)> admit;
  // Bearer token or cookie -> who is asking, whatever the account's state of forced change; token_invalid or
  // auth_required otherwise, csrf_invalid for a cookie without its token. The session row and the account are read each
  // time (contract-rest 1.3).
  std::function<Task<Result<Actor>>(const Request&)> authenticate;
  // May this actor use anything but the routes open to a restricted session?
  std::function<Result<>(const Actor&)> check_restrictions;
  // Writes authentication_failure / authorization_failure before the refusal leaves; throws when it cannot. Called for
  // token_invalid, forbidden, reason_required and csrf_invalid wherever they come from, unless the error says that its
  // entry is written.
  std::function<Task<>(const Request&, const Route&, std::optional<Actor>, const Error&)> record_refusal;
  // Writes api_error for an exception that a guard or handler let through (contract-rest 9.3). Must not wait: what
  // failed may be the audit trail itself. What it throws is logged.
  std::function<void(const Request&, const std::optional<Actor>&, const FaultReport&, int status)> record_fault;
  // Must not throw. Empty: everything is internal.
  std::function<FaultReport(std::exception_ptr)> classify_fault;
};

// Finds the route and runs guards and handler: admit, body format, authenticate (unless the route is for anyone),
// restrictions, permission, handler. Immutable once serving.
class Router {
 public:
  explicit Router(Guards guards);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Literal segments win over parameters; "/a" and "/a/" are two paths. Throws std::logic_error for a doubled method
  // and path, or a path that does not begin with '/'.
  void add(std::vector<Route> routes);
  const std::vector<Route>& routes() const { return routes_; }

  // Never throws: every fault becomes a 500 or 503 problem document, logged with request id and statement name. HEAD is
  // answered as GET; the body is the caller's to leave out. OPTIONS answers 204 with Allow.
  Task<Response> respond(Request request) const;

 private:
  struct Node;
  struct Match;
  Match find(const Request& request) const;
  Task<Response> answer(Call* call, const Match* match) const;
  Task<Result<Response>> pass_guards(Call* call, const Match* match) const;
  Task<Response> refuse(const Call* call, const Match* match, Error error) const;
  Response report_fault(std::exception_ptr fault, const Match& match, const Call& call) const;

  Guards guards_;
  std::vector<Route> routes_;
  std::unique_ptr<Node> root_;
};

}  // namespace mcp::http
