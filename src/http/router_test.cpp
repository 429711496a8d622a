// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the order in front of every handler: nobody reaches one whom a guard would have refused, refusals are on
// record before they are answered, and faults say nothing.
#include "http/router.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace mcp::http {
namespace {

Request request(Method method, std::string path) {
  Request made;
  made.method = method;
  made.path = std::move(path);
  made.origin.request_id = "request-1";
  made.origin.ip_address = "192.0.2.1";
  return made;
}

Task<> store(Task<Response> task, Response* into) { *into = co_await std::move(task); }

Response respond(const Router& router, Request asked) {
  asio::io_context context(1);
  Response response;
  asio::co_spawn(context, store(router.respond(std::move(asked)), &response), [](std::exception_ptr fault) {
    if (fault) std::rethrow_exception(fault);
  });
  context.run();
  return response;
}

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

bool says(const Response& response, std::string_view code) {
  return response.body.find("\"code\":\"" + std::string(code) + "\"") != std::string::npos;
}

Task<Result<Response>> answer_text(std::string text) { co_return json_response(200, std::move(text)); }
Task<Result<Response>> answer_error(ErrorCode code) { co_return fail(code, "refused by the handler"); }
Task<Result<Response>> break_down() {
  throw std::runtime_error("SELECT secret FROM users");
  co_return json_response(200, "");  // NOLINT(clang-diagnostic-unreachable-code): makes it a coroutine
}

// Everything that happened, in order.
using Journal = std::vector<std::string>;

Task<Result<Actor>> identify(Journal* journal, const Request& asked) {
  journal->push_back("authenticate");
  const auto token = asked.header("authorization");
  if (!token) co_return fail(ErrorCode::auth_required, "no token");
  if (*token != "Bearer good") co_return fail(ErrorCode::token_invalid, "bad token");
  Actor actor;
  actor.username = "ada";
  actor.permissions.add(Permission::user_read);
  co_return actor;
}

Task<> note(Journal* journal, std::string_view path, bool is_known, ErrorCode code) {
  journal->push_back("record " + std::string(path) + (is_known ? " of somebody " : " ") + std::string(name(code)));
  co_return;
}

Task<> fail_to_note() {
  throw std::runtime_error("audit writer down");
  co_return;  // NOLINT(clang-diagnostic-unreachable-code): makes it a coroutine
}

class RouterTest : public testing::Test {
 protected:
  Guards guards() {
    Guards all;
    all.admit = [this](const Request&, const Route& route) -> Result<> {
      journal.push_back("admit " + std::string(route.path));
      return refuse_to_admit ? fail(*refuse_to_admit, "not admitted") : Result<>();
    };
    all.authenticate = [this](const Request& asked) { return identify(&journal, asked); };
    all.check_restrictions = [this](const Actor&) -> Result<> {
      journal.push_back("restrictions");
      return is_restricted ? fail(ErrorCode::password_change_required, "change it") : Result<>();
    };
    all.record_refusal = [this](const Request&, const Route& route, std::optional<Actor> actor, const Error& error) {
      return note(&journal, route.path, actor.has_value(), error.code);
    };
    return all;
  }
  Route route(Method method, std::string_view path, Access access, Handler handler = {}) {
    if (!handler) {
      handler = [this, path](Call call) {
        journal.push_back("handler");
        return answer_text(std::string(path) + (call.actor ? " " + call.actor->username : ""));
      };
    }
    return Route{.method = method,
                 .path = path,
                 .access = access,
                 .tier = RateTier::standard,
                 .audit = AuditEvent::none(),
                 .summary = "",
                 .handler = std::move(handler)};
  }
  static Request with_token(Request asked, std::string token = "good") {
    asked.headers.emplace_back("authorization", "Bearer " + std::move(token));
    return asked;
  }

  Journal journal;
  std::optional<ErrorCode> refuse_to_admit;
  bool is_restricted = false;
};

TEST_F(RouterTest, RunsTheGuardsInOrder) {
  Router router(guards());
  router.add({route(Method::get, "/api/users", Access::permission(Permission::user_read))});
  const Response response = respond(router, with_token(request(Method::get, "/api/users")));
  EXPECT_EQ(response.body, "/api/users ada");
  EXPECT_EQ(journal, (Journal{"admit /api/users", "authenticate", "restrictions", "handler"}));
}

TEST_F(RouterTest, AsksNobodyWhoIsNotAdmitted) {
  refuse_to_admit = ErrorCode::rate_limited;
  Router router(guards());
  router.add({route(Method::get, "/api/users", Access::session())});
  const Response response = respond(router, with_token(request(Method::get, "/api/users")));
  EXPECT_EQ(response.status, 429);
  EXPECT_FALSE(header(response, "Retry-After").empty());
  EXPECT_EQ(journal, Journal{"admit /api/users"});
}

TEST_F(RouterTest, AdmitsBeforeItTellsWhichPathsThereAre) {
  refuse_to_admit = ErrorCode::network_not_allowed;
  Router router(guards());
  router.add({route(Method::get, "/api/users", Access::session())});
  EXPECT_EQ(respond(router, request(Method::get, "/api/nothing")).status, 403);
  EXPECT_EQ(respond(router, request(Method::put, "/api/users")).status, 403);
  EXPECT_EQ(respond(router, request(Method::options, "/nothing")).status, 403);
  EXPECT_EQ(journal, (Journal{"admit /api/*", "admit /api/*", "admit *"}));
}

TEST_F(RouterTest, AnswersAMissingTokenWithoutARecordAndADeadOneWithOne) {
  Router router(guards());
  router.add({route(Method::get, "/api/users", Access::session())});
  const Response missing = respond(router, request(Method::get, "/api/users"));
  EXPECT_EQ(missing.status, 401);
  EXPECT_TRUE(says(missing, "AUTH_REQUIRED"));
  EXPECT_EQ(header(missing, "WWW-Authenticate"), "Bearer realm=\"mcp-messenger\"");
  EXPECT_EQ(journal, (Journal{"admit /api/users", "authenticate"}));
  journal.clear();
  EXPECT_TRUE(says(respond(router, with_token(request(Method::get, "/api/users"), "dead")), "TOKEN_INVALID"));
  EXPECT_EQ(journal, (Journal{"admit /api/users", "authenticate", "record /api/users TOKEN_INVALID"}));
}

TEST_F(RouterTest, RefusesARestrictedSessionEverywhereButWhereItIsMeantToBe) {
  is_restricted = true;
  Router router(guards());
  router.add({route(Method::get, "/api/users", Access::session()),
              route(Method::post, "/api/auth/change-password", Access::session_restricted())});
  EXPECT_TRUE(says(respond(router, with_token(request(Method::get, "/api/users"))), "PASSWORD_CHANGE_REQUIRED"));
  EXPECT_EQ(respond(router, with_token(request(Method::post, "/api/auth/change-password"))).status, 200);
}

TEST_F(RouterTest, RecordsAMissingPermissionBeforeItAnswers) {
  Router router(guards());
  router.add({route(Method::get, "/api/roles", Access::permission(Permission::admin_roles))});
  const Response response = respond(router, with_token(request(Method::get, "/api/roles")));
  EXPECT_TRUE(says(response, "FORBIDDEN"));
  EXPECT_EQ(journal.back(), "record /api/roles of somebody FORBIDDEN");
}

TEST_F(RouterTest, RecordsTheHandlersRefusalsOfAccessButNotItsOtherErrors) {
  for (const ErrorCode code : {ErrorCode::forbidden, ErrorCode::reason_required, ErrorCode::csrf_invalid}) {
    journal.clear();
    Router router(guards());
    router.add({route(Method::get, "/x/:id", Access::session(), [code](Call) { return answer_error(code); })});
    EXPECT_EQ(respond(router, with_token(request(Method::get, "/x/7"))).status, 403);
    EXPECT_EQ(journal.back(), "record /x/:id of somebody " + std::string(name(code)));
  }
  for (const ErrorCode code : {ErrorCode::not_found, ErrorCode::conflict, ErrorCode::invalid_credentials}) {
    journal.clear();
    Router router(guards());
    router.add({route(Method::get, "/x", Access::session(), [code](Call) { return answer_error(code); })});
    respond(router, with_token(request(Method::get, "/x")));
    EXPECT_EQ(journal.back(), "restrictions") << "the service records these itself";
  }
}

TEST_F(RouterTest, DoesNotAnswerARefusalThatCannotBeRecorded) {
  Guards failing = guards();
  failing.record_refusal = [](const Request&, const Route&, std::optional<Actor>, const Error&) {
    return fail_to_note();
  };
  failing.classify_fault = [](std::exception_ptr) {
    return FaultReport{.error = Error{.code = ErrorCode::unavailable, .message = "unavailable", .fields = {}}};
  };
  Router router(std::move(failing));
  router.add({route(Method::get, "/api/roles", Access::permission(Permission::admin_roles))});
  EXPECT_EQ(respond(router, with_token(request(Method::get, "/api/roles"))).status, 503);
}

TEST_F(RouterTest, SaysNothingAboutAFault) {
  Router router(guards());
  router.add({route(Method::get, "/x", Access::anyone(), [](Call) { return break_down(); })});
  const Response response = respond(router, request(Method::get, "/x"));
  EXPECT_EQ(response.status, 500);
  EXPECT_TRUE(says(response, "INTERNAL"));
  EXPECT_EQ(response.body.find("SELECT"), std::string::npos);
  EXPECT_NE(response.body.find("request-1"), std::string::npos);
}

TEST_F(RouterTest, HandsEveryFaultOutForTheRecordWithWhoMetIt) {
  ErrorCode code = ErrorCode::internal;
  Guards recording = guards();
  recording.classify_fault = [&code](std::exception_ptr) {
    return FaultReport{.error = Error{.code = code, .message = "", .fields = {}}, .error_class = "memory"};
  };
  recording.record_fault = [this](const Request& asked, const std::optional<Actor>& actor, const FaultReport& report,
                                  int status) {
    journal.push_back("fault of " + (actor ? actor->username : "nobody") + " in " + asked.origin.request_id + " " +
                      report.error_class + " " + std::to_string(status));
    throw std::runtime_error("audit writer down");
  };
  Router router(std::move(recording));
  router.add(
      {route(Method::get, "/api/x", Access::session(), [](Call) { return break_down(); }),
       route(Method::get, "/x", Access::anyone(), [](Call) { return break_down(); }),
       route(Method::get, "/full", Access::anyone(), [](Call) { return answer_error(ErrorCode::unavailable); })});
  EXPECT_EQ(respond(router, with_token(request(Method::get, "/api/x"))).status, 500);
  EXPECT_EQ(journal.back(), "fault of ada in request-1 memory 500");
  code = ErrorCode::unavailable;
  EXPECT_EQ(respond(router, request(Method::get, "/x")).status, 503);
  EXPECT_EQ(journal.back(), "fault of nobody in request-1 memory 503");
  journal.clear();
  EXPECT_EQ(respond(router, request(Method::get, "/full")).status, 503);
  EXPECT_EQ(journal, Journal{"admit /full"}) << "an answer that a handler chose is no fault";
}

TEST_F(RouterTest, KnowsNobodyWithoutAnAuthenticator) {
  Router router(Guards{});
  router.add({route(Method::get, "/x", Access::session())});
  EXPECT_EQ(respond(router, with_token(request(Method::get, "/x"))).status, 401);
}

TEST_F(RouterTest, TellsAHandlerForAnyoneWhoCameWithAGoodToken) {
  Router router(guards());
  router.add(
      {route(Method::post, "/api/auth/logout", Access::anyone()), route(Method::get, "/health", Access::anyone())});
  EXPECT_EQ(respond(router, with_token(request(Method::post, "/api/auth/logout"))).body, "/api/auth/logout ada");
  EXPECT_EQ(respond(router, with_token(request(Method::post, "/api/auth/logout"), "dead")).body, "/api/auth/logout");
  EXPECT_EQ(respond(router, request(Method::post, "/api/auth/logout")).body, "/api/auth/logout");
  journal.clear();
  EXPECT_EQ(respond(router, with_token(request(Method::get, "/health"))).body, "/health");
  EXPECT_EQ(journal, (Journal{"admit /health", "handler"})) << "liveness touches nothing";
}

TEST_F(RouterTest, PrefersLiteralSegmentsAndHandsOutParameters) {
  Router router(guards());
  const auto tell = [](Call call) {
    return answer_text(std::string(call.request.path_parameter("id")) + "/" +
                       std::string(call.request.path_parameter("user")));
  };
  router.add({route(Method::get, "/u/:id", Access::anyone(), tell), route(Method::get, "/u/me", Access::anyone()),
              route(Method::get, "/u/:id/members/:user", Access::anyone(), tell),
              route(Method::get, "/u/me/settings", Access::anyone())});
  EXPECT_EQ(respond(router, request(Method::get, "/u/me")).body, "/u/me");
  EXPECT_EQ(respond(router, request(Method::get, "/u/7")).body, "7/");
  EXPECT_EQ(respond(router, request(Method::get, "/u/7/members/8")).body, "7/8");
  EXPECT_EQ(respond(router, request(Method::get, "/u/me/members/8")).body, "me/8")
      << "the literal branch is a dead end";
  for (const char* unknown :
       {"/u", "/u/", "/u/7/", "/u//members/8", "/u/7/members", "/U/me", "/u/me/settings/x", "/"}) {
    EXPECT_EQ(respond(router, request(Method::get, unknown)).status, 404) << unknown;
  }
}

TEST_F(RouterTest, TellsWhichMethodsAPathKnows) {
  Router router(guards());
  router.add({route(Method::get, "/a", Access::session()), route(Method::delete_, "/a", Access::session()),
              route(Method::post, "/b", Access::session())});
  for (const Method method : {Method::post, Method::put, Method::other}) {
    const Response response = respond(router, request(method, "/a"));
    EXPECT_EQ(response.status, 405);
    EXPECT_TRUE(says(response, "METHOD_NOT_ALLOWED"));
    EXPECT_EQ(header(response, "Allow"), "GET, HEAD, DELETE, OPTIONS");
  }
  EXPECT_EQ(header(respond(router, request(Method::head, "/b")), "Allow"), "POST, OPTIONS");
  const Response options = respond(router, request(Method::options, "/a"));
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(header(options, "Allow"), "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(respond(router, request(Method::options, "/nothing")).status, 404);
}

TEST_F(RouterTest, AnswersHeadWhereverItAnswersGet) {
  Router router(guards());
  router.add({route(Method::get, "/a", Access::anyone())});
  EXPECT_EQ(respond(router, request(Method::head, "/a")).body, "/a");
}

TEST_F(RouterTest, RefusesRoutesThatOverlap) {
  Router router(guards());
  router.add({route(Method::get, "/a/:id", Access::session())});
  EXPECT_THROW(router.add({route(Method::get, "/a/:name", Access::session())}), std::logic_error);
  EXPECT_THROW(router.add({route(Method::get, "a", Access::session())}), std::logic_error);
  EXPECT_NO_THROW(router.add({route(Method::put, "/a/:name", Access::session())}));
}

struct BodyCase {
  const char* name;
  const char* type;
  const char* body;
  int status;
  const char* seen;
};

class RequestBody : public testing::TestWithParam<BodyCase> {};

Task<Result<Response>> tell_body(Call call) { co_return json_response(200, std::string(call.request.body)); }

TEST_P(RequestBody, ReachesHandlersAsJsonOrNotAtAll) {
  Router router(Guards{});
  router.add({Route{.method = Method::post,
                    .path = "/x",
                    .access = Access::anyone(),
                    .tier = RateTier::none,
                    .audit = AuditEvent::none(),
                    .summary = "",
                    .handler = tell_body}});
  Request asked = request(Method::post, "/x");
  if (*GetParam().type != '\0') asked.headers.emplace_back("content-type", GetParam().type);
  asked.body = GetParam().body;
  const Response response = respond(router, std::move(asked));
  EXPECT_EQ(response.status, GetParam().status);
  if (response.status == 200) EXPECT_EQ(response.body, GetParam().seen);
}

constexpr const char* form = "application/x-www-form-urlencoded";
INSTANTIATE_TEST_SUITE_P(
    , RequestBody,
    testing::Values(BodyCase{"json", "application/json", "{}", 200, "{}"},
                    BodyCase{"json_with_charset", "Application/JSON; charset=UTF-8", "{}", 200, "{}"},
                    BodyCase{"json_with_quoted_charset", "application/json;charset=\"utf-8\"", "{}", 200, "{}"},
                    BodyCase{"none", "", "", 200, ""}, BodyCase{"empty_text", "text/plain", "", 200, ""},
                    BodyCase{"no_type", "", "{}", 415, ""}, BodyCase{"text", "text/plain", "{}", 415, ""},
                    BodyCase{"multipart", "multipart/form-data; boundary=x", "--x", 415, ""},
                    BodyCase{"problem", "application/problem+json", "{}", 415, ""},
                    BodyCase{"json_lookalike", "application/jsonx", "{}", 415, ""},
                    BodyCase{"other_charset", "application/json; charset=utf-16", "{}", 415, ""},
                    BodyCase{"two_parameters", "application/json; charset=utf-8; x=y", "{}", 415, ""},
                    BodyCase{"form", form, "a=1&b=x+y%26&_csrf=t", 200, R"({"a":"1","b":"x y&","_csrf":"t"})"},
                    BodyCase{"form_with_quotes", form, "a=%22%5c%0a", 200, R"({"a":"\"\\\n"})"},
                    BodyCase{"form_without_value", form, "a", 200, R"({"a":""})"},
                    BodyCase{"form_doubled", form, "a=1&a=2", 400, ""}, BodyCase{"form_cut", form, "a=%4", 400, ""},
                    BodyCase{"form_nul", form, "a=%00", 400, ""}, BodyCase{"form_not_utf8", form, "a=%ff", 400, ""}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace mcp::http
