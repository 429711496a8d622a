// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/router.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <stdexcept>
#include <utility>

#include "core/log.hpp"
#include "http/error_response.hpp"
#include "http/request_body.hpp"

namespace mcp::http {
namespace {

constexpr std::size_t method_count = 7;

Task<Result<Response>> never_called(Call) { co_return fail(ErrorCode::internal, "Internal server error"); }

// What guards and logs see where no route fits.
Route pseudo_route(std::string_view path, RateTier tier) {
  return Route{.method = Method::other,
               .path = path,
               .access = Access::anyone(),
               .tier = tier,
               .audit = AuditEvent::none(),
               .summary = "",
               .handler = never_called};
}

const Route& unknown_api_path() {
  static const Route route = pseudo_route("/api/*", RateTier::anonymous);
  return route;
}

const Route& unknown_path() {
  static const Route route = pseudo_route("*", RateTier::none);
  return route;
}

bool is_under_api(std::string_view path) { return path == "/api" || path.starts_with("/api/"); }

// Splits off the first segment of a path that begins with '/'.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

// Who must have written what was refused (contract-rest 1.5). A wrong password is recorded by the login itself.
bool needs_record(ErrorCode code) {
  return code == ErrorCode::forbidden || code == ErrorCode::reason_required || code == ErrorCode::csrf_invalid ||
         code == ErrorCode::token_invalid;
}

// What recording a refusal needs of a request that the handler consumes.
Request without_content(const Request& request) {
  Request kept;
  kept.method = request.method;
  kept.path = request.path;
  kept.path_parameters = request.path_parameters;
  kept.origin = request.origin;
  kept.is_tls = request.is_tls;
  return kept;
}

}  // namespace

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::array<std::size_t, method_count> routes{};  // index into routes_ plus one; 0: none

  bool has_routes() const {
    return std::ranges::any_of(routes, [](std::size_t route) { return route != 0; });
  }
};

struct Router::Match {
  const Node* node = nullptr;    // null: unknown path
  const Route* route = nullptr;  // the path's for this method, or a pseudo route
  bool has_handler = false;
  std::vector<std::pair<std::string, std::string>> parameters;
};

namespace {

// Depth first, literals before the parameter. `values` collects what the parameters stand for.
template <class Node>
const Node* descend(const Node& node, std::string_view path, std::vector<std::string>& values) {
  if (path.empty()) return node.has_routes() ? &node : nullptr;
  std::string_view rest = path;
  const std::string_view segment = take_segment(rest);
  const auto literal = node.literals.find(segment);
  if (literal != node.literals.end()) {
    if (const Node* found = descend(*literal->second, rest, values)) return found;
  }
  if (!node.parameter || segment.empty()) return nullptr;
  values.emplace_back(segment);
  if (const Node* found = descend(*node.parameter, rest, values)) return found;
  values.pop_back();
  return nullptr;
}

std::string allowed_methods(const std::array<std::size_t, method_count>& routes) {
  std::string list;
  for (const Method method : {Method::get, Method::head, Method::post, Method::put, Method::delete_}) {
    const Method served_by = method == Method::head ? Method::get : method;
    if (routes.at(static_cast<std::size_t>(served_by)) != 0) list.append(name(method)).append(", ");
  }
  return list + "OPTIONS";
}

}  // namespace

Router::Router(Guards guards) : guards_(std::move(guards)), root_(std::make_unique<Node>()) {}

Router::~Router() = default;

void Router::add(std::vector<Route> routes) {
  for (Route& route : routes) {
    if (!route.path.starts_with('/')) throw std::logic_error("a route's path must begin with '/'");
    Node* node = root_.get();
    for (std::string_view rest = route.path; !rest.empty();) {
      const std::string_view segment = take_segment(rest);
      auto& next = segment.starts_with(':') ? node->parameter : node->literals[std::string(segment)];
      if (!next) next = std::make_unique<Node>();
      node = next.get();
    }
    std::size_t& slot = node->routes.at(static_cast<std::size_t>(route.method));
    if (slot != 0)
      throw std::logic_error("two routes for " + std::string(name(route.method)) + " " + std::string(route.path));
    routes_.push_back(std::move(route));
    slot = routes_.size();
  }
}

Router::Match Router::find(const Request& request) const {
  Match match;
  std::vector<std::string> values;
  match.node = descend(*root_, request.path, values);
  match.route = is_under_api(request.path) ? &unknown_api_path() : &unknown_path();
  if (match.node == nullptr) return match;
  const Method method = request.method == Method::head ? Method::get : request.method;
  const std::size_t index = match.node->routes.at(static_cast<std::size_t>(method));
  if (index == 0) return match;
  match.route = &routes_[index - 1];
  match.has_handler = true;
  auto value = values.begin();
  for (std::string_view rest = match.route->path; !rest.empty();) {
    const std::string_view segment = take_segment(rest);
    if (segment.starts_with(':')) match.parameters.emplace_back(segment.substr(1), std::move(*value++));
  }
  return match;
}

Task<Response> Router::respond(Request request) const {
  const auto begun = std::chrono::steady_clock::now();
  Call call{.request = std::move(request), .actor = std::nullopt};
  const std::string request_id = call.request.origin.request_id;
  const std::string ip_address = call.request.origin.ip_address;
  const Method method = call.request.method;
  Match match = find(call.request);
  call.request.path_parameters = std::move(match.parameters);
  Response response;
  std::exception_ptr fault;
  try {
    response = co_await answer(&call, &match);
  } catch (...) {
    fault = std::current_exception();
  }
  if (fault) response = report_fault(fault, match, call);
  if (log::is_enabled(log::Level::debug)) {
    const auto took = std::chrono::steady_clock::now() - begun;
    log::debug("http", "request answered",
               {{log::Field::request_id, request_id},
                {log::Field::ip_address, ip_address},
                {log::Field::method, name(method)},
                {log::Field::route, match.route->path},
                {log::Field::status, response.status},
                {log::Field::duration_ms, std::chrono::duration<double, std::milli>(took).count()}});
  }
  co_return response;
}

Task<Response> Router::answer(Call* call, const Match* match) const {
  const std::string request_id = call->request.origin.request_id;
  Result<Response> result = co_await pass_guards(call, match);
  if (!result && result.error().code != ErrorCode::method_not_allowed) {
    co_return co_await refuse(call, match, std::move(result.error()));
  }
  if (!result) {
    Response response = error_response(result.error(), request_id);
    response.headers.emplace_back("Allow", allowed_methods(match->node->routes));
    co_return response;
  }
  co_return *std::move(result);
}

// The order is part of the contract: who may not connect learns nothing, not even which paths there are.
Task<Result<Response>> Router::pass_guards(Call* call, const Match* match) const {
  const Route& route = *match->route;
  if (guards_.admit) {
    if (auto admitted = guards_.admit(call->request, route); !admitted) co_return std::unexpected(admitted.error());
  }
  if (match->node == nullptr) co_return fail(ErrorCode::not_found, "there is nothing at this path");
  if (!match->has_handler && call->request.method == Method::options) {
    Response response{.status = 204, .content_type = "", .body = "", .headers = {}};
    response.headers.emplace_back("Allow", allowed_methods(match->node->routes));
    co_return response;
  }
  if (!match->has_handler) co_return fail(ErrorCode::method_not_allowed, "this path does not know the method");
  if (auto good = normalise_body(call->request); !good) co_return std::unexpected(good.error());

  const bool is_for_anyone = route.access.kind() == Access::Kind::anyone;
  const bool has_credentials = call->request.header("authorization") || call->request.header("cookie");
  if (!is_for_anyone || (has_credentials && is_under_api(route.path) && guards_.authenticate)) {
    Result<Actor> actor = fail(ErrorCode::auth_required, "authentication is required");
    if (guards_.authenticate) actor = co_await guards_.authenticate(call->request);
    if (actor) call->actor = *std::move(actor);
    if (!call->actor && !is_for_anyone) co_return std::unexpected(actor.error());
  }
  if (!is_for_anyone && route.access.kind() != Access::Kind::session_restricted && guards_.check_restrictions) {
    if (auto free = guards_.check_restrictions(*call->actor); !free) co_return std::unexpected(free.error());
  }
  if (route.access.kind() == Access::Kind::permission && !call->actor->permissions.has(route.access.required())) {
    co_return fail(ErrorCode::forbidden, "this needs the permission " + std::string(name(route.access.required())));
  }
  Call handed = std::exchange(*call, Call{.request = without_content(call->request), .actor = call->actor});
  co_return co_await route.handler(std::move(handed));
}

Task<Response> Router::refuse(const Call* call, const Match* match, Error error) const {
  if (needs_record(error.code) && !error.is_recorded && guards_.record_refusal) {
    co_await guards_.record_refusal(call->request, *match->route, call->actor, error);
  }
  co_return error_response(error, call->request.origin.request_id);
}

Response Router::report_fault(std::exception_ptr fault, const Match& match, const Call& call) const {
  const std::string& request_id = call.request.origin.request_id;
  const FaultReport report = guards_.classify_fault ? guards_.classify_fault(std::move(fault)) : FaultReport{};
  log::error("http", "a request failed",
             {{log::Field::request_id, request_id},
              {log::Field::route, match.route->path},
              {log::Field::error_class, report.error_class},
              {log::Field::statement, report.statement},
              {log::Field::sqlstate, report.sqlstate}});
  Response response = error_response(report.error, request_id);
  try {
    if (guards_.record_fault) guards_.record_fault(call.request, call.actor, report, response.status);
  } catch (const std::exception&) {
    log::error("http", "a failed request could not be recorded", {{log::Field::request_id, request_id}});
  }
  return response;
}

}  // namespace mcp::http
