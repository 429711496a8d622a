// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/auth_routes.hpp"

#include <utility>

#include "identity/auth_json.hpp"

namespace mcp::identity {
namespace {

Task<Result<http::Response>> post_login(SessionService* sessions, LiveView live, http::Call call) {
  auto body = read_login(call.request.body);
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto answer =
      co_await sessions->login(std::move(call.request.origin), std::move(body->username), std::move(body->password));
  if (!answer) co_return std::unexpected(std::move(answer.error()));
  co_return http::json_response(200, logged_in_to_json(*answer, live.presence(answer->account.id)));
}

// 200 whoever asks: a client that wants to be logged out is.
Task<Result<http::Response>> post_logout(SessionService* sessions, http::Call call) {
  if (call.actor) {
    auto done = co_await sessions->logout(std::move(*call.actor));
    if (!done) co_return std::unexpected(std::move(done.error()));
  }
  co_return http::message_response("Logged out");
}

Task<Result<http::Response>> post_change_password(AccountService* accounts, http::Call call) {
  auto body = read_change_password(call.request.body);
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto done = co_await accounts->change_password(std::move(*call.actor), std::move(body->current_password),
                                                 std::move(body->new_password));
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return http::message_response("Password changed");
}

Task<Result<http::Response>> post_reset_password(AccountService* accounts, http::Call call) {
  auto body = read_reset_password(call.request.body);
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto done = co_await accounts->reset_password(std::move(call.request.origin), std::move(body->token),
                                                std::move(body->new_password));
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return http::message_response("Password set");
}

Task<Result<Actor>> authenticate(SessionService* sessions, std::string token, Origin origin) {
  auto identity = co_await sessions->identify(std::move(token));
  if (!identity) co_return std::unexpected(std::move(identity.error()));
  auto actor = SessionService::actor_of(*identity, std::move(origin), Via::rest);
  if (auto inside = sessions->check_network(actor); !inside) co_return std::unexpected(std::move(inside.error()));
  co_return actor;
}

Task<Result<Actor>> refuse(Error error) { co_return std::unexpected(std::move(error)); }

}  // namespace

std::vector<http::Route> auth_routes(SessionService& sessions, AccountService& accounts, LiveView live) {
  using http::Access;
  using http::AuditEvent;
  using http::Method;
  using http::RateTier;
  return {
      {Method::post, "/api/auth/login", Access::anyone(), RateTier::auth, AuditEvent::action("login_success"),
       "Logs in with user name and password",
       [sessions = &sessions, live](http::Call call) { return post_login(sessions, live, std::move(call)); }},
      {Method::post, "/api/auth/logout", Access::anyone(), RateTier::standard, AuditEvent::action("logout"),
       "Ends the session and closes its sockets",
       [sessions = &sessions](http::Call call) { return post_logout(sessions, std::move(call)); }},
      {Method::post, "/api/auth/change-password", Access::session_restricted(), RateTier::auth,
       AuditEvent::action("password_changed"), "Changes the own password and ends all other sessions",
       [accounts = &accounts](http::Call call) { return post_change_password(accounts, std::move(call)); }},
      {Method::post, "/api/auth/reset-password", Access::anyone(), RateTier::auth, AuditEvent::action("password_reset"),
       "Redeems a reset, invitation or set-up token",
       [accounts = &accounts](http::Call call) { return post_reset_password(accounts, std::move(call)); }},
  };
}

std::function<Task<Result<Actor>>(const http::Request&)> bearer_authentication(SessionService& sessions) {
  return [sessions = &sessions](const http::Request& request) -> Task<Result<Actor>> {
    constexpr std::string_view scheme = "Bearer ";
    const auto header = request.header("authorization");
    if (!header || !header->starts_with(scheme)) {
      return refuse(
          {.code = ErrorCode::auth_required, .message = "A token is needed", .fields = {}, .retry_after = {}});
    }
    return authenticate(sessions, std::string(header->substr(scheme.size())), request.origin);
  };
}

}  // namespace mcp::identity
