// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the shapes of the contract (User, Session, login) and that no field of the account beyond them leaves.
#include "identity/account_json.hpp"

#include <gtest/gtest.h>

#include "identity/auth_json.hpp"
#include "identity/session_json.hpp"

namespace mcp::identity {
namespace {

const Timestamp noon = *parse_iso8601("2026-01-31T12:00:00.000Z");

Account account() {
  Account account{.id = *UserId::parse("11111111-1111-4111-8111-111111111111"),
                  .username = "amara",
                  .email = "amara@example.org",
                  .first_name = "Amara \"A\"",
                  .last_name = std::nullopt,
                  .role_id = *RoleId::parse("22222222-2222-4222-8222-222222222222"),
                  .role_name = "user",
                  .status = AccountStatus::active,
                  .created_at = noon,
                  .updated_at = noon,
                  .last_login = noon,
                  .password_last_changed = std::nullopt,
                  .two_factor_enabled = false,
                  .force_password_change = true,
                  .permissions = {}};
  account.permissions.add(Permission::user_read);
  account.permissions.add(Permission::channel_read);
  account.permissions.add(Permission::channel_join);
  return account;
}

constexpr std::string_view account_json =
    R"("id":"11111111-1111-4111-8111-111111111111","username":"amara","displayName":"Amara \"A\"",)"
    R"("firstName":"Amara \"A\"","lastName":null,"role":"user","presence":"online","status":"active",)"
    R"("email":"amara@example.org","roleId":"22222222-2222-4222-8222-222222222222",)"
    R"("createdAt":"2026-01-31T12:00:00.000Z","updatedAt":"2026-01-31T12:00:00.000Z",)"
    R"("lastLogin":"2026-01-31T12:00:00.000Z","passwordLastChanged":null,"twoFactorEnabled":false,)"
    R"("forcePasswordChange":true,"permissions":["channel.join","channel.read","user.read"])";

TEST(AccountJson, IsTheFullUserOfTheContract) {
  EXPECT_EQ(own_account_to_json(account(), "online"), "{" + std::string(account_json) + "}");
}

TEST(AccountJson, NamesTheSessionThatAsks) {
  const Session session{.id = *SessionId::parse("33333333-3333-7333-8333-333333333333"),
                        .user = account().id,
                        .created_at = noon,
                        .last_used_at = noon,
                        .expires_at = noon + std::chrono::hours(24),
                        .ip_address = "192.0.2.7",
                        .user_agent = std::nullopt};
  const auto text = me_to_json({.account = account(), .session = session}, "online", 2);
  EXPECT_EQ(text, "{" + std::string(account_json) +
                      R"(,"session":{"id":"33333333-3333-7333-8333-333333333333",)"
                      R"("userId":"11111111-1111-4111-8111-111111111111","kind":"api",)"
                      R"("createdAt":"2026-01-31T12:00:00.000Z","lastUsedAt":"2026-01-31T12:00:00.000Z",)"
                      R"("expiresAt":"2026-02-01T12:00:00.000Z","ipAddress":"192.0.2.7","userAgent":null,)"
                      R"("current":true,"connections":2}})");
}

TEST(AccountJson, ALoginCarriesTokenAndUser) {
  const LoggedIn answer{.token = Secret(std::string("a.b.c")), .expires_at = noon, .account = account()};
  EXPECT_EQ(logged_in_to_json(answer, "online"), R"({"token":"a.b.c","expiresAt":"2026-01-31T12:00:00.000Z","user":{)" +
                                                     std::string(account_json) + R"(},"passwordChangeRequired":true})");
}

TEST(AccountJson, ATerminatedSessionIsTold) {
  EXPECT_EQ(session_terminated_event("logout", noon),
            R"({"type":"session_terminated","data":{"reason":"logout","reconnect":false},)"
            R"("timestamp":"2026-01-31T12:00:00.000Z"})");
}

TEST(Account, IsShownByItsNamesOrItsUserName) {
  Account person = account();
  person.first_name = "Amara";
  person.last_name = "Okafor";
  EXPECT_EQ(person.display_name(), "Amara Okafor");
  person.first_name.reset();
  EXPECT_EQ(person.display_name(), "Okafor");
  person.last_name.reset();
  EXPECT_EQ(person.display_name(), "amara");
}

struct BodyCase {
  std::string_view body;
  ErrorCode code;
  std::string_view field;
  FieldCode field_code = FieldCode::required;
};

TEST(AuthJson, RefusesWhatTheContractDoesNotKnow) {
  const BodyCase cases[] = {
      {"", ErrorCode::bad_request, ""},
      {"[]", ErrorCode::bad_request, ""},
      {R"({"username":"a","username":"b","password":"x"})", ErrorCode::bad_request, ""},
      {R"({"username":"amara"})", ErrorCode::validation_failed, "password", FieldCode::required},
      {R"({"username":"amara","password":null})", ErrorCode::validation_failed, "password", FieldCode::required},
      {R"({"username":"amara","password":7})", ErrorCode::validation_failed, "password", FieldCode::type},
      {R"({"username":"","password":"x"})", ErrorCode::validation_failed, "username", FieldCode::too_short},
      {R"({"username":"amara","password":""})", ErrorCode::validation_failed, "password", FieldCode::too_short},
      {R"({"username":"amara","password":"x","remember":true})", ErrorCode::validation_failed, "remember",
       FieldCode::unknown_field}};
  for (const auto& one : cases) {
    const auto read = read_login(one.body);
    ASSERT_FALSE(read) << one.body;
    EXPECT_EQ(read.error().code, one.code) << one.body;
    if (!one.field.empty()) {
      ASSERT_EQ(read.error().fields.size(), 1U) << one.body;
      EXPECT_EQ(read.error().fields.front().field, one.field);
      EXPECT_EQ(read.error().fields.front().code, one.field_code) << one.body;
    }
  }
  const std::string long_password(129, 'x');
  const auto too_long = read_login(R"({"username":"amara","password":")" + long_password + R"("})");
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().fields.front().code, FieldCode::too_long);
  EXPECT_EQ(too_long.error().fields.front().message.find(long_password), std::string::npos);
}

TEST(AuthJson, ReadsTheBodiesOfTheContract) {
  const auto login = read_login(R"({"username":"amara","password":"p\u00e4ss \"word\"","_csrf":"x"})");
  ASSERT_TRUE(login);
  EXPECT_EQ(login->username, "amara");
  EXPECT_EQ(login->password.reveal(), "päss \"word\"");
  const auto change = read_change_password(R"({"currentPassword":"a","newPassword":"b"})");
  ASSERT_TRUE(change);
  EXPECT_EQ(change->current_password.reveal(), "a");
  EXPECT_EQ(change->new_password.reveal(), "b");
  const auto reset = read_reset_password(R"({"token":"t","newPassword":"b"})");
  ASSERT_TRUE(reset);
  EXPECT_EQ(reset->token.reveal(), "t");
  EXPECT_FALSE(read_reset_password(R"({"token":"t"})"));
  EXPECT_FALSE(read_change_password(R"({"newPassword":"b"})"));
}

}  // namespace
}  // namespace mcp::identity
