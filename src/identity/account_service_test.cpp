// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects passwords: only their owner changes them, a token is redeemed once, what was opened with the old one is
// closed, and no account is made twice.
#include "identity/account_service.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/digest.hpp"
#include "support/accounts.hpp"

namespace mcp::identity {
namespace {

using test::Accounts;
using testing::HasSubstr;

constexpr std::string_view new_password = "Another-Trombone-7";

class AccountServiceTest : public testing::Test {
 protected:
  Result<> change(const Actor& actor, std::string_view current, std::string_view next) {
    return here.chat.run(here.accounts.change_password(actor, Secret(std::string(current)), Secret(std::string(next))));
  }
  Result<> reset(std::string_view token, std::string_view next) {
    return here.chat.run(
        here.accounts.reset_password(test::from("192.0.2.7"), Secret(std::string(token)), Secret(std::string(next))));
  }
  // An open token; what it is called is what it is.
  void add_token(UserId user, std::string_view token, std::string_view life = "30 minutes") {
    here.chat.change(
        fmt::format("INSERT INTO password_reset_requests (id, user_id, token_hash, created_at, expires_at) "
                    "VALUES ('{}', '{}', '{}', now() + interval '{}' - interval '1 hour', "
                    "now() + interval '{}')",
                    Uuid::v4().text(), user.text(), crypto::sha256_hex(token), life, life));
  }
  std::string user_column(UserId user, std::string_view column) {
    return here.chat.sql(fmt::format("SELECT ({})::text FROM users WHERE id = '{}'", column, user.text()));
  }
  std::int64_t live_sessions() { return here.chat.number("SELECT count(*) FROM sessions WHERE is_valid"); }

  Accounts here;
};

TEST_F(AccountServiceTest, AChangedPasswordEndsEveryOtherSession) {
  const auto user = here.add("amara");
  here.set(user, "force_password_change = true, failed_login_attempts = 2");
  add_token(user, "asked-for-with-the-old-one");
  const auto actor = here.actor("amara");
  const auto other = here.actor("amara");
  here.add("bo-2");
  const auto bystander = here.actor("bo-2");
  test::EndedListener own(here.chat, actor);
  test::EndedListener ended(here.chat, other);
  test::EndedListener stranger(here.chat, bystander);

  ASSERT_TRUE(change(actor, Accounts::password, new_password));
  here.chat.settle();
  EXPECT_TRUE(own.endings.empty());
  EXPECT_TRUE(stranger.endings.empty());
  ASSERT_EQ(ended.endings.size(), 1U);
  EXPECT_THAT(*ended.endings.front().last_frame, HasSubstr(R"("reason":"password_changed")"));
  EXPECT_EQ(live_sessions(), 2);
  EXPECT_EQ(user_column(user, "force_password_change"), "false");
  EXPECT_EQ(user_column(user, "password_last_changed IS NOT NULL"), "true");
  EXPECT_EQ(here.newest("password_changed", "user_id"), user.text());
  EXPECT_EQ(here.newest("password_changed", "severity"), "critical");
  EXPECT_FALSE(here.login("amara", Accounts::password));
  EXPECT_TRUE(here.login("amara", new_password));
  EXPECT_EQ(reset("asked-for-with-the-old-one", "Third-Trombone-77").error().code, ErrorCode::reset_token_invalid);
}

TEST_F(AccountServiceTest, AWrongCurrentPasswordChangesNothingAndCountsAsAFailedLogin) {
  const auto user = here.add("amara");
  const auto actor = here.actor("amara", "");
  const auto before = user_column(user, "password_hash");
  for (int i = 0; i < 5; ++i) {
    const auto refused = change(actor, "wrong-Password-1", new_password);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_credentials);
  }
  EXPECT_EQ(user_column(user, "password_hash"), before);
  EXPECT_EQ(here.chat.entries("password_change_failed"), 5);
  EXPECT_EQ(here.chat.entries("authentication_failure"), 5);
  EXPECT_EQ(here.chat.entries("account_locked"), 1);
  EXPECT_EQ(change(actor, Accounts::password, new_password).error().code, ErrorCode::invalid_credentials);
  EXPECT_FALSE(here.login("amara"));
}

TEST_F(AccountServiceTest, ANewPasswordMustKeepThePolicy) {
  here.add("amara-7");
  const auto actor = here.actor("amara-7");
  const std::pair<std::string_view, FieldCode> refused[] = {{"Short-1", FieldCode::too_short},
                                                            {"Password1234", FieldCode::policy},
                                                            {"no-digit-at-al", FieldCode::policy},
                                                            {"Hello-AMARA-7-hello", FieldCode::policy},
                                                            {Accounts::password, FieldCode::policy}};
  for (const auto& [password, code] : refused) {
    const auto answer = change(actor, Accounts::password, password);
    ASSERT_FALSE(answer) << password;
    EXPECT_EQ(answer.error().code, ErrorCode::validation_failed);
    ASSERT_EQ(answer.error().fields.size(), 1U);
    EXPECT_EQ(answer.error().fields.front().field, "newPassword");
    EXPECT_EQ(answer.error().fields.front().code, code) << password;
  }
  EXPECT_TRUE(here.login("amara-7"));
}

TEST_F(AccountServiceTest, AnEndedSessionChangesNoPassword) {
  const auto user = here.add("amara");
  const auto actor = here.actor("amara");
  ASSERT_TRUE(here.chat.run(here.sessions.logout(actor)));
  EXPECT_EQ(change(actor, Accounts::password, new_password).error().code, ErrorCode::token_invalid);
  EXPECT_TRUE(here.login("amara"));

  const auto suspended = here.actor("amara");
  here.set(user, "status = 'suspended'");
  EXPECT_EQ(change(suspended, Accounts::password, new_password).error().code, ErrorCode::token_invalid);
}

TEST_F(AccountServiceTest, OfTwoChangesAtOnceFromTwoSessionsOneWins) {
  here.add("amara");
  const auto one = here.actor("amara");
  const auto two = here.actor("amara");
  std::vector<Task<Result<>>> changes;
  changes.push_back(
      here.accounts.change_password(one, Secret(std::string(Accounts::password)), Secret(std::string(new_password))));
  changes.push_back(here.accounts.change_password(two, Secret(std::string(Accounts::password)),
                                                  Secret(std::string("Third-Trombone-77"))));
  const auto answers = here.chat.run_together(std::move(changes));
  EXPECT_NE(answers[0].has_value(), answers[1].has_value());
  EXPECT_EQ(here.chat.entries("password_changed"), 1);
  EXPECT_EQ(live_sessions(), 1);
}

TEST_F(AccountServiceTest, AResetTokenSetsThePasswordAndEndsAllSessionsAndLocks) {
  const auto user = here.add("amara");
  const auto actor = here.actor("amara");
  test::EndedListener socket(here.chat, actor);
  here.set(user,
           "failed_login_attempts = 5, lockout_until = now() + interval '20 minutes', force_password_change = true");
  here.chat.change("UPDATE login_networks SET failed_attempts = 5, lockout_until = now() + interval '20 minutes'");
  add_token(user, "the-token");
  add_token(user, "an-older-token");

  ASSERT_TRUE(reset("the-token", new_password));
  here.chat.settle();
  EXPECT_EQ(live_sessions(), 0);
  EXPECT_EQ(socket.endings.size(), 1U);
  EXPECT_TRUE(here.login("amara", new_password));
  EXPECT_EQ(user_column(user, "force_password_change"), "false");
  EXPECT_EQ(here.newest("password_reset", "user_id"), user.text());
  EXPECT_EQ(reset("an-older-token", "Third-Trombone-77").error().code, ErrorCode::reset_token_invalid);
  EXPECT_EQ(here.chat.number("SELECT count(*) FROM password_reset_requests WHERE used AND used_at IS NOT NULL"), 2);
}

TEST_F(AccountServiceTest, ATokenIsRedeemedOnceHoweverManyTry) {
  here.add("amara");
  const auto user = here.add("bo-2");
  add_token(user, "the-token");
  std::vector<Task<Result<>>> attempts;
  for (int i = 0; i < 10; ++i) {
    attempts.push_back(here.accounts.reset_password(test::from("192.0.2.7"), Secret(std::string("the-token")),
                                                    Secret(fmt::format("Trombone-Number-{}", i))));
  }
  int redeemed = 0;
  for (const auto& answer : here.chat.run_together(std::move(attempts))) {
    if (answer) {
      ++redeemed;
    } else {
      EXPECT_EQ(answer.error().code, ErrorCode::reset_token_invalid);
    }
  }
  EXPECT_EQ(redeemed, 1);
  EXPECT_EQ(here.chat.entries("password_reset"), 1);
  EXPECT_EQ(here.chat.entries("password_reset_failed"), 9);
}

TEST_F(AccountServiceTest, EveryDeadTokenGetsTheSameAnswer) {
  const auto user = here.add("amara");
  add_token(user, "used");
  here.chat.change("UPDATE password_reset_requests SET used = true");
  add_token(user, "expired", "-1 second");
  const auto suspended = here.add("suspended");
  add_token(suspended, "of-a-suspended-account");
  here.set(suspended, "status = 'suspended'");
  const auto unknown = reset("unknown", new_password);
  ASSERT_FALSE(unknown);
  for (const char* token : {"used", "expired", "of-a-suspended-account", "unknown", "' OR ''='"}) {
    for (const std::string_view password : {new_password, std::string_view("short")}) {
      const auto answer = reset(token, password);
      ASSERT_FALSE(answer) << token;
      EXPECT_EQ(answer.error().code, ErrorCode::reset_token_invalid) << token;
      EXPECT_EQ(answer.error().message, unknown.error().message);
    }
  }
  EXPECT_EQ(here.chat.entries("password_reset_failed"), 11);
  EXPECT_TRUE(here.login("amara"));
}

TEST_F(AccountServiceTest, ARefusedPasswordLeavesTheTokenAsItIs) {
  add_token(here.add("amara"), "the-token");
  for (const std::string_view password : {std::string_view("Password1234"), Accounts::password}) {
    const auto answer = reset("the-token", password);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().fields.front().code, FieldCode::policy);
  }
  EXPECT_TRUE(reset("the-token", new_password));
}

NewAccount account(std::string_view username, std::string_view role = "") {
  return {.username = std::string(username),
          .email = std::string(username) + "@Example.ORG",
          .first_name = " Amara ",
          .last_name = "Okafor",
          .role = std::string(role),
          .password = Secret(std::string(new_password)),
          .force_password_change = true};
}

TEST_F(AccountServiceTest, TheCommandLineMakesAccounts) {
  const auto made = here.chat.run(here.accounts.create_user({.os_user = "sam"}, account("amara", "moderator")));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->display_name(), "Amara Okafor");
  EXPECT_EQ(made->email, "amara@example.org");
  EXPECT_TRUE(made->permissions.has(Permission::channel_create));
  EXPECT_EQ(here.newest("user_created", "details"),
            fmt::format(R"({{"role": "moderator", "origin": "cli", "osUser": "sam", "targetUserId": "{}"}})",
                        made->id.text()));
  EXPECT_EQ(here.newest("user_created", "user_id IS NULL"), "true");
  const auto answer = here.login("amara", new_password);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->account.created_at, made->created_at);
  EXPECT_EQ(answer->account.first_name, made->first_name);
  EXPECT_TRUE(answer->account.force_password_change);
  EXPECT_EQ(here.chat.run(here.accounts.create_user({}, account("bo-2")))->role_name, "user");
}

TEST_F(AccountServiceTest, NoNameAndNoAddressIsGivenTwice) {
  ASSERT_TRUE(here.chat.run(here.accounts.create_user({}, account("amara"))));
  EXPECT_EQ(here.chat.run(here.accounts.create_user({}, account("AMARA"))).error().code, ErrorCode::already_exists);
  auto same_address = account("zoe-1");
  same_address.email = "AMARA@example.org";
  EXPECT_EQ(here.chat.run(here.accounts.create_user({}, std::move(same_address))).error().code,
            ErrorCode::already_exists);

  std::vector<Task<Result<Account>>> makers;
  for (const char* name : {"cleo", "Cleo", "CLEO", "cleO"})
    makers.push_back(here.accounts.create_user({}, account(name)));
  int made = 0;
  for (const auto& answer : here.chat.run_together(std::move(makers))) made += answer ? 1 : 0;
  EXPECT_EQ(made, 1);
  EXPECT_EQ(here.chat.entries("user_created"), 2);
}

TEST_F(AccountServiceTest, AllProblemsOfANewAccountAreToldAtOnce) {
  NewAccount bad = account("a b");
  bad.email = "nowhere";
  bad.first_name = "\x01";
  bad.password = Secret(std::string("short"));
  const auto refused = here.chat.run(here.accounts.create_user({}, std::move(bad)));
  ASSERT_FALSE(refused);
  std::vector<std::string> fields;
  for (const auto& field : refused.error().fields) fields.push_back(field.field);
  EXPECT_THAT(fields, testing::ElementsAre("username", "email", "firstName", "password"));

  const auto no_role = here.chat.run(here.accounts.create_user({}, account("amara", "emperor")));
  ASSERT_FALSE(no_role);
  EXPECT_EQ(no_role.error().fields.front().field, "role");
  EXPECT_EQ(here.chat.number("SELECT count(*) FROM users"), 0);
}

}  // namespace
}  // namespace mcp::identity
