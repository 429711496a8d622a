// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "app/guards.hpp"

#include <memory>
#include <string_view>
#include <utility>

#include "audit/events.hpp"
#include "core/log.hpp"
#include "crypto/fault.hpp"
#include "db/fault.hpp"
#include "identity/auth_routes.hpp"
#include "identity/session_service.hpp"
#include "ledger/ledger.hpp"

namespace mcp::app {
namespace {

using std::chrono_literals::operator""ms;

Error unavailable_error() {
  return {.code = ErrorCode::unavailable,
          .message = "The service is temporarily unavailable",
          .fields = {},
          .retry_after = 1000ms};
}

std::string route_name(const http::Request& request, const http::Route& route) {
  return fmt::format("{} {}", http::name(request.method), route.path);
}

// ALLOWED_NETWORK_RANGE holds on everything but /health; loopback is always inside (contract-rest 1.3).
Result<> check_network(const config::NetworkRanges& allowed, const http::Request& request) {
  const std::string& address = request.origin.ip_address;
  if (allowed.contains(address) || config::is_loopback(address)) return {};
  log::warn("app", "a request from outside the allowed networks was refused",
            {{log::Field::ip_address, address}, {log::Field::request_id, request.origin.request_id}});
  return fail(ErrorCode::network_not_allowed, "Requests from this network are not allowed");
}

std::string_view refusal_reason(ErrorCode code) {
  switch (code) {
    case ErrorCode::token_invalid: return "token";
    case ErrorCode::csrf_invalid: return "csrf";
    case ErrorCode::reason_required: return "reason_required";
    default: return "permission";
  }
}

Task<> record(ledger::Ledger* ledger, std::string route, Origin origin, std::optional<Actor> actor, ErrorCode code,
              std::string reason) {
  const bool is_authentication = code == ErrorCode::token_invalid;
  const std::string_view action = is_authentication ? "authentication_failure" : "authorization_failure";
  audit::Details details;
  details.word("reason", reason).word("route", route);
  const auto outcome = is_authentication ? ledger::Outcome::failure : ledger::Outcome::denied;
  auto entry = actor ? audit::entry(action, *actor, std::move(details), outcome)
                     : audit::entry(action, std::nullopt, origin, std::move(details), outcome);
  auto unit = std::make_shared<ledger::AuditUnit>(std::move(entry));
  co_await ledger->commit(std::move(unit));
}

// Only submitted: when the database is away the entry cannot be written either, and the answer must not wait for that.
void record_fault(ledger::Ledger& ledger, const http::Request& request, const std::optional<Actor>& actor,
                  const http::FaultReport& report, int status) {
  audit::Details details;
  details.word("errorClass", report.error_class.empty() ? "unknown" : report.error_class).number("status", status);
  auto entry =
      actor ? audit::entry("api_error", *actor, std::move(details), ledger::Outcome::failure)
            : audit::entry("api_error", std::nullopt, request.origin, std::move(details), ledger::Outcome::failure);
  ledger.submit(std::make_shared<ledger::AuditUnit>(std::move(entry)));
}

}  // namespace

http::FaultReport classify_fault(std::exception_ptr fault) {
  http::FaultReport report;
  try {
    std::rethrow_exception(std::move(fault));
  } catch (const db::Fault& why) {
    report.error_class = "database";
    report.statement = why.statement();
    report.sqlstate = why.sqlstate();
    if (why.kind() != db::FaultKind::constraint && why.kind() != db::FaultKind::programming)
      report.error = unavailable_error();
    if (why.sqlstate() == "42501") report.error = unavailable_error();  // the audit writer may not write: fail closed
  } catch (const crypto::Fault&) {
    report.error_class = "cryptography";
    report.error = unavailable_error();
  } catch (const std::bad_alloc&) {
    report.error_class = "memory";
    report.error = unavailable_error();
  } catch (const std::exception&) {
    report.error_class = "unexpected";
  } catch (...) {
    report.error_class = "unknown";
  }
  return report;
}

http::Guards make_guards(const config::Network& network, identity::SessionService& sessions, ledger::Ledger& ledger) {
  http::Guards guards;
  guards.admit = [&network](const http::Request& request, const http::Route& route) -> Result<> {
    if (route.path == "/health") return {};
    return check_network(network.allowed, request);
  };
  guards.authenticate = identity::bearer_authentication(sessions);
  guards.check_restrictions = [&sessions](const Actor& actor) { return sessions.check_restrictions(actor); };
  guards.record_refusal = [&ledger](const http::Request& request, const http::Route& route, std::optional<Actor> actor,
                                    const Error& error) {
    std::string reason(refusal_reason(error.code));
    if (error.code == ErrorCode::forbidden && route.access.kind() == http::Access::Kind::permission) {
      reason = name(route.access.required());
    }
    return record(&ledger, route_name(request, route), request.origin, std::move(actor), error.code, std::move(reason));
  };
  guards.record_fault = [&ledger](const http::Request& request, const std::optional<Actor>& actor,
                                  const http::FaultReport& report,
                                  int status) { record_fault(ledger, request, actor, report, status); };
  guards.classify_fault = classify_fault;
  return guards;
}

http::UpgradeGuards make_upgrade_guards(const config::Network& network, ledger::Ledger& ledger,
                                        std::function<Result<>(const http::Request&)> admit) {
  http::UpgradeGuards guards;
  guards.check_network = [&network](const http::Request& request) { return check_network(network.allowed, request); };
  guards.admit = std::move(admit);
  guards.record_refusal = [&ledger](const http::Request& request, const Error& error) {
    return record(&ledger, "GET " + request.path, request.origin, std::nullopt, error.code, "origin");
  };
  return guards;
}

}  // namespace mcp::app
