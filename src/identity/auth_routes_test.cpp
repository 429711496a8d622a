// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects what the sign-in routes promise over HTTP: who may call them, what they answer, and that the token is taken
// from the one header alone.
#include "identity/auth_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/user_routes.hpp"
#include "support/accounts.hpp"

namespace mcp::identity {
namespace {

using test::Accounts;
using testing::HasSubstr;

class AuthRoutesTest : public testing::Test {
 protected:
  const http::Route& route(std::string_view path) {
    for (const auto& route : routes) {
      if (route.path == path) return route;
    }
    throw std::invalid_argument("no such route");
  }
  Result<http::Response> call(std::string_view path, std::string body, std::optional<Actor> actor = std::nullopt) {
    http::Call call{.request = {}, .actor = std::move(actor)};
    call.request.body = std::move(body);
    call.request.origin = test::from("192.0.2.7");
    return here.chat.run(route(path).handler(std::move(call)));
  }
  Result<Actor> bearer(std::optional<std::string> header) {
    http::Request request;
    request.query = {{"token", "t"}, {"access_token", "t"}};
    if (header) request.headers = {{"authorization", *header}};
    request.origin = test::from("192.0.2.7");
    return here.chat.run(bearer_authentication(here.sessions)(request));
  }

  Accounts here;
  std::vector<http::Route> routes = [this] {
    LiveView live{.connections_of = [](SessionId) { return std::size_t{3}; },
                  .presence_of = [](UserId) { return std::string_view("online"); }};
    auto all = auth_routes(here.sessions, here.accounts, live);
    for (auto& route : user_routes(here.sessions, live)) all.push_back(std::move(route));
    return all;
  }();
};

TEST_F(AuthRoutesTest, SayWhoMayCallThem) {
  using Kind = http::Access::Kind;
  const std::tuple<std::string_view, Kind, http::RateTier> expected[] = {
      {"/api/auth/login", Kind::anyone, http::RateTier::auth},
      {"/api/auth/logout", Kind::anyone, http::RateTier::standard},
      {"/api/auth/change-password", Kind::session_restricted, http::RateTier::auth},
      {"/api/auth/reset-password", Kind::anyone, http::RateTier::auth},
      {"/api/users/me", Kind::session_restricted, http::RateTier::standard}};
  EXPECT_EQ(routes.size(), std::size(expected));
  for (const auto& [path, access, tier] : expected) {
    EXPECT_EQ(route(path).access.kind(), access) << path;
    EXPECT_EQ(route(path).tier, tier) << path;
  }
}

TEST_F(AuthRoutesTest, FromLoginToLogout) {
  here.add("amara");
  const auto login = call("/api/auth/login", R"({"username":"amara","password":"Correct-Horse-Battery-9"})");
  ASSERT_TRUE(login);
  EXPECT_EQ(login->status, 200);
  const auto begin = login->body.find(R"("token":")") + 9;
  const auto token = login->body.substr(begin, login->body.find('"', begin) - begin);
  const auto actor = bearer("Bearer " + token);
  ASSERT_TRUE(actor);

  const auto me = call("/api/users/me", "", *actor);
  ASSERT_TRUE(me);
  EXPECT_THAT(me->body, HasSubstr(R"("username":"amara")"));
  EXPECT_THAT(me->body, HasSubstr(R"("current":true,"connections":3)"));

  const auto changed =
      call("/api/auth/change-password",
           R"({"currentPassword":"Correct-Horse-Battery-9","newPassword":"Another-Trombone-7"})", *actor);
  ASSERT_TRUE(changed);
  EXPECT_THAT(changed->body, HasSubstr(R"("message")"));
  ASSERT_TRUE(call("/api/auth/logout", "", *actor));
  EXPECT_EQ(bearer("Bearer " + token).error().code, ErrorCode::token_invalid);
}

TEST_F(AuthRoutesTest, LogoutIsGrantedToEverybody) {
  const auto answer = call("/api/auth/logout", "");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(here.chat.entries("logout"), 0);
}

TEST_F(AuthRoutesTest, ARefusedLoginSaysThatItsEntryIsWritten) {
  const auto refused = call("/api/auth/login", R"({"username":"nobody","password":"x"})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_credentials);
  EXPECT_TRUE(refused.error().is_recorded);
}

TEST_F(AuthRoutesTest, AForcedPasswordChangeHidesTheAccount) {
  here.set(here.add("amara"), "force_password_change = true");
  const auto refused = call("/api/users/me", "", here.actor("amara"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::password_change_required);
}

TEST_F(AuthRoutesTest, TheTokenComesInOneHeaderOnly) {
  here.add("amara");
  const std::string token(here.login("amara")->token.reveal());
  EXPECT_TRUE(bearer("Bearer " + token));
  EXPECT_EQ(bearer(std::nullopt).error().code, ErrorCode::auth_required);
  for (const auto& header : {token, "Basic " + token, "bearer" + token, std::string("Bearer")}) {
    EXPECT_EQ(bearer(header).error().code, ErrorCode::auth_required) << header;
  }
  for (const auto& header : {"Bearer  " + token, "Bearer " + token + " ", "Bearer " + token + "," + token,
                             std::string("Bearer "), std::string("Bearer x.y.z")}) {
    EXPECT_EQ(bearer(header).error().code, ErrorCode::token_invalid) << header;
  }
}

}  // namespace
}  // namespace mcp::identity
