// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/service_routes.hpp"

#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "core/log.hpp"
#include "net/address_ranges.hpp"

namespace mcp::http {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::chrono::seconds readiness_life{1};
constexpr std::chrono::seconds readiness_patience{2};

// What the three routes share; used from every shard.
struct Services {
  ServiceSettings settings;
  net::AddressRanges metrics_allow;
  SteadyClock::time_point started = SteadyClock::now();

  std::mutex mutex;  // guards the rest
  std::optional<Readiness> last;
  SteadyClock::time_point checked{};
  std::optional<SteadyClock::time_point> checking_since;
};

Task<Readiness> check(std::shared_ptr<Services> services) {
  Readiness readiness;
  bool has_failed = false;
  try {
    readiness = co_await services->settings.check_readiness();
  } catch (const std::exception&) {
    has_failed = true;  // the check's own owner logs why; here it only means "not ready"
  }
  if (has_failed) log::warn("http", "the readiness check failed");
  const std::lock_guard lock(services->mutex);
  services->last = readiness;
  services->checked = SteadyClock::now();
  services->checking_since.reset();
  co_return readiness;
}

// The cached answer while it is fresh or being renewed. Nothing when the caller has to check, which this notes down.
std::optional<Readiness> known_readiness(Services& services) {
  const auto now = SteadyClock::now();
  const std::lock_guard lock(services.mutex);
  if (services.last && now - services.checked < readiness_life) return services.last;
  if (services.checking_since && now - *services.checking_since > readiness_patience) return Readiness{};
  if (services.checking_since && services.last) return services.last;
  if (!services.checking_since) services.checking_since = now;
  return std::nullopt;
}

std::string readiness_text(const Readiness& readiness, bool is_ready, Timestamp now) {
  const auto word = [](bool good) { return good ? "\"ok\"" : "\"fail\""; };
  return std::string("{\"status\":") + (is_ready ? "\"ready\"" : "\"not_ready\"") +
         ",\"checks\":{\"database\":" + word(readiness.database) + ",\"migrations\":" + word(readiness.migrations) +
         ",\"keys\":" + word(readiness.keys) + ",\"auditWriter\":" + word(readiness.audit_writer) +
         ",\"disk\":" + word(readiness.disk) + "},\"timestamp\":\"" + to_iso8601(now) + "\"}";
}

Task<Result<Response>> health(std::shared_ptr<Services> services) {
  const std::chrono::duration<double> uptime = SteadyClock::now() - services->started;
  co_return json_response(200, fmt::format("{{\"status\":\"ok\",\"uptime\":{:.3f},\"timestamp\":\"{}\"}}",
                                           uptime.count(), to_iso8601(services->settings.clock())));
}

Task<Result<Response>> ready(std::shared_ptr<Services> services) {
  std::optional<Readiness> readiness = known_readiness(*services);
  if (!readiness) readiness = co_await check(services);
  const bool is_draining = services->settings.is_draining && services->settings.is_draining();
  const bool is_ready = readiness->is_ready() && !is_draining;
  Response response =
      json_response(is_ready ? 200 : 503, readiness_text(*readiness, is_ready, services->settings.clock()));
  if (!is_ready) response.headers.emplace_back("Retry-After", "5");
  co_return response;
}

// Who may not read the metrics does not learn that there are any.
Task<Result<Response>> metrics(std::shared_ptr<Services> services, Call call) {
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view credentials = call.request.header("authorization").value_or(std::string_view());
  const auto& is_token = services->settings.is_metrics_token;
  const bool has_token = is_token && credentials.starts_with(scheme) && is_token(credentials.substr(scheme.size()));
  if (!has_token && !services->metrics_allow.contains(call.request.origin.ip_address)) {
    co_return fail(ErrorCode::not_found, "there is nothing at this path");
  }
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = services->settings.metrics_text();
  co_return response;
}

Route service_route(std::string_view path, std::string_view summary, Handler handler) {
  return Route{.method = Method::get,
               .path = path,
               .access = Access::anyone(),
               .tier = RateTier::none,
               .audit = AuditEvent::none(),
               .summary = summary,
               .handler = std::move(handler)};
}

}  // namespace

std::vector<Route> service_routes(ServiceSettings settings) {
  const auto services = std::make_shared<Services>();
  services->metrics_allow = net::AddressRanges(settings.metrics_allow);
  services->settings = std::move(settings);
  std::vector<Route> routes;
  routes.push_back(service_route("/health", "Is the process alive?", [services](Call) { return health(services); }));
  routes.push_back(
      service_route("/ready", "Can the server do its work?", [services](Call) { return ready(services); }));
  routes.push_back(service_route("/metrics", "Counters in Prometheus text format",
                                 [services](Call call) { return metrics(services, std::move(call)); }));
  return routes;
}

}  // namespace mcp::http
