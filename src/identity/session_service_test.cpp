// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the door: who gets in, that nobody learns why they did not, that guessing is counted and locked out, and
// that a session is over the moment the database says so.
#include "identity/session_service.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/digest.hpp"
#include "identity/login_unit.hpp"
#include "support/accounts.hpp"

namespace mcp::identity {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Accounts;
using testing::HasSubstr;

constexpr std::string_view home = "192.0.2.7";
constexpr std::string_view elsewhere = "198.51.100.20";

class SessionServiceTest : public testing::Test {
 protected:
  std::string user_column(UserId user, std::string_view column) {
    return here.chat.sql(fmt::format("SELECT ({})::text FROM users WHERE id = '{}'", column, user.text()));
  }
  std::string session_column(SessionId session, std::string_view column) {
    return here.chat.sql(fmt::format("SELECT ({})::text FROM sessions WHERE id = '{}'", column, session.text()));
  }
  void fail_logins(std::string_view username, int count, std::string_view ip_address) {
    for (int i = 0; i < count; ++i) EXPECT_FALSE(here.login(username, "wrong-Password-1", ip_address));
  }

  Accounts here;
};

TEST_F(SessionServiceTest, ALoginOpensASessionOfWhoseTokenOnlyTheHashIsStored) {
  const auto user = here.add("amara", "moderator");
  const auto answer = here.login("amara");
  ASSERT_TRUE(answer);
  const auto identity = here.chat.run(here.sessions.identify(std::string(answer->token.reveal())));
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->account.id, user);
  EXPECT_EQ(identity->account.role_name, "moderator");
  EXPECT_TRUE(identity->account.permissions.has(Permission::channel_create));
  EXPECT_FALSE(identity->account.permissions.has(Permission::admin_users));
  EXPECT_EQ(identity->session.ip_address, "192.0.2.7");
  EXPECT_EQ(identity->session.user_agent, "test");

  const auto session = identity->session.id;
  EXPECT_EQ(session_column(session, "token_hash"), crypto::sha256_hex(answer->token.reveal()));
  EXPECT_EQ(session_column(session, "expires_at = created_at OR expires_at > created_at + interval '23 hours'"),
            "true");
  EXPECT_EQ(session_column(session, "max_expires_at > created_at + interval '6 days 23 hours'"), "true");
  EXPECT_EQ(here.chat.number(fmt::format("SELECT count(*) FROM (SELECT s::text AS row FROM sessions s UNION ALL "
                                         "SELECT a::text FROM audit_logs a UNION ALL SELECT u::text FROM users u) x "
                                         "WHERE row LIKE '%{}%'",
                                         answer->token.reveal())),
            0);
  EXPECT_EQ(user_column(user, "last_login IS NOT NULL"), "true");
  EXPECT_EQ(here.newest("login_success", "session_id"), session.text());
  EXPECT_EQ(here.newest("login_success", "user_id"), user.text());
  EXPECT_EQ(here.newest("login_success", "details"), R"({"method": "password", "dashboard": false})");
}

TEST_F(SessionServiceTest, NamesAreComparedWithoutRegardToCase) {
  here.add("Amara");
  EXPECT_TRUE(here.login("aMARA"));
}

struct Refusal {
  const char* reason;
  std::string username;
  std::string password;
};

TEST_F(SessionServiceTest, EveryRefusalLooksTheSameAndIsWrittenDown) {
  const std::string right(Accounts::password);
  here.add("wrong");
  for (const char* status : {"pending", "inactive", "suspended", "deleted"}) {
    here.set(here.add(status), fmt::format("status = '{}'", status));
  }
  here.set(here.add("locked"), "lockout_until = now() + interval '5 minutes'");
  here.set(here.add("two-factor"), "two_factor_secret = 'x', two_factor_enabled = true");
  here.add("unusable", "super_admin", "unusable");

  const Refusal refusals[] = {{"unknown_user", "nobody", right},
                              {"unknown_user", "' OR 1=1 --", right},
                              {"wrong_password", "wrong", "wrong-Password-1"},
                              {"account_pending", "pending", right},
                              {"account_inactive", "inactive", right},
                              {"account_suspended", "suspended", right},
                              {"account_deleted", "deleted", right},
                              {"account_locked", "locked", right},
                              {"second_factor_unavailable", "two-factor", right},
                              {"wrong_password", "unusable", "!"}};
  std::int64_t entries = 0;
  for (const auto& one : refusals) {
    const auto answer = here.login(one.username, one.password);
    ASSERT_FALSE(answer) << one.reason;
    EXPECT_EQ(answer.error().code, ErrorCode::invalid_credentials);
    EXPECT_EQ(answer.error().message, here.login("nobody").error().message);
    EXPECT_TRUE(answer.error().fields.empty());
    entries += 2;
    EXPECT_EQ(here.chat.entries("authentication_failure"), entries);
    EXPECT_EQ(
        here.chat.number(fmt::format("SELECT count(*) FROM audit_logs WHERE action = 'authentication_failure' AND "
                                     "severity = 'critical' AND outcome = 'failure' AND details = "
                                     "'{{\"reason\": \"{}\", \"route\": \"POST /api/auth/login\"}}'",
                                     one.reason)) > 0,
        true)
        << one.reason;
  }
  EXPECT_EQ(here.chat.number("SELECT count(*) FROM sessions"), 0);
  EXPECT_EQ(here.chat.entries("login_success"), 0);
}

TEST_F(SessionServiceTest, ARefusalNeverHoldsWhatWasTyped) {
  here.add("amara");
  here.login("amara", "Typed-Into-The-Wrong-Field-1");
  here.login("Typed-Into-The-Name-1", "x");
  EXPECT_EQ(here.chat.number("SELECT count(*) FROM audit_logs a WHERE a::text LIKE '%Typed-Into%'"), 0);
}

TEST_F(SessionServiceTest, FiveFailuresLockTheAccountForThirtyMinutes) {
  const auto user = here.add("amara");
  fail_logins("amara", 4, home);
  EXPECT_EQ(user_column(user, "failed_login_attempts"), "4");
  EXPECT_EQ(here.chat.entries("account_locked"), 0);
  fail_logins("amara", 1, elsewhere);
  EXPECT_EQ(here.chat.entries("account_locked"), 1);
  EXPECT_EQ(here.newest("account_locked", "severity"), "critical");
  EXPECT_THAT(here.newest("account_locked", "details"), HasSubstr("until"));
  EXPECT_EQ(user_column(user, "lockout_until BETWEEN now() + interval '29 minutes' AND now() + interval '31 minutes'"),
            "true");
  EXPECT_FALSE(here.login("amara", Accounts::password, home)) << "not even with the right password";
  const auto until = user_column(user, "lockout_until");
  fail_logins("amara", 3, home);
  EXPECT_EQ(user_column(user, "lockout_until"), until) << "nobody can prolong a lock";
  EXPECT_EQ(here.chat.entries("account_locked"), 1);
}

TEST_F(SessionServiceTest, TheCounterRestartsBehindTheLockAndOnSuccess) {
  const auto user = here.add("amara");
  here.set(user, "failed_login_attempts = 5, lockout_until = now() - interval '1 second'");
  fail_logins("amara", 1, home);
  EXPECT_EQ(user_column(user, "failed_login_attempts"), "1");
  EXPECT_TRUE(here.login("amara"));
  EXPECT_EQ(user_column(user, "failed_login_attempts"), "0");
  EXPECT_EQ(user_column(user, "lockout_until IS NULL"), "true");
}

TEST_F(SessionServiceTest, AStrangerElsewhereCannotLockTheOwnerOut) {
  here.add("amara");
  ASSERT_TRUE(here.login("amara", Accounts::password, home));
  fail_logins("amara", 5, elsewhere);
  EXPECT_FALSE(here.login("amara", Accounts::password, elsewhere));
  EXPECT_TRUE(here.login("amara", Accounts::password, "192.0.2.201")) << "the same /24 as home";
}

TEST_F(SessionServiceTest, AKnownNetworkHasALockOfItsOwn) {
  const auto user = here.add("amara");
  ASSERT_TRUE(here.login("amara", Accounts::password, home));
  fail_logins("amara", 5, home);
  EXPECT_EQ(here.chat.entries("account_locked"), 1);
  EXPECT_FALSE(here.login("amara", Accounts::password, home));
  EXPECT_EQ(user_column(user, "failed_login_attempts"), "0");
  EXPECT_TRUE(here.login("amara", Accounts::password, elsewhere));
}

TEST_F(SessionServiceTest, ANetworkIsForgottenAfterThirtyDays) {
  const auto user = here.add("amara");
  ASSERT_TRUE(here.login("amara", Accounts::password, home));
  here.chat.change("UPDATE login_networks SET last_success = now() - interval '31 days'");
  fail_logins("amara", 1, home);
  EXPECT_EQ(user_column(user, "failed_login_attempts"), "1");
}

TEST_F(SessionServiceTest, NetworksAreCountedByTheirPrefix) {
  here.add("amara");
  for (const char* address :
       {"192.0.2.7", "192.0.2.99", "192.0.3.1", "2001:db8:1:2::5", "2001:db8:1:2:ffff::1", "2001:db8:1:3::5"}) {
    ASSERT_TRUE(here.login("amara", Accounts::password, address));
  }
  EXPECT_EQ(here.chat.sql("SELECT string_agg(network::text, ' ' ORDER BY network) FROM login_networks"),
            "192.0.2.0/24 192.0.3.0/24 2001:db8:1:2::/64 2001:db8:1:3::/64");
  EXPECT_TRUE(here.login("amara", Accounts::password, "")) << "the command line has no address";
}

TEST_F(SessionServiceTest, FailuresAtOnceAreAllCountedAndLockOnce) {
  const auto user = here.add("amara");
  std::vector<Task<Result<LoggedIn>>> attempts;
  for (int i = 0; i < 20; ++i) {
    attempts.push_back(here.sessions.login(test::from(home), "amara", Secret(std::string("wrong-Password-1"))));
  }
  for (const auto& answer : here.chat.run_together(std::move(attempts))) EXPECT_FALSE(answer);
  EXPECT_EQ(user_column(user, "failed_login_attempts"), "5");
  EXPECT_EQ(here.chat.entries("account_locked"), 1);
  EXPECT_EQ(here.chat.entries("authentication_failure"), 20);
}

TEST_F(SessionServiceTest, LoginsAtOnceAllSucceed) {
  here.add("amara");
  std::vector<Task<Result<LoggedIn>>> attempts;
  for (int i = 0; i < 10; ++i) {
    attempts.push_back(here.sessions.login(test::from(home), "amara", Secret(std::string(Accounts::password))));
  }
  for (const auto& answer : here.chat.run_together(std::move(attempts))) EXPECT_TRUE(answer);
  EXPECT_EQ(here.chat.number("SELECT count(*) FROM sessions WHERE is_valid"), 10);
}

TEST_F(SessionServiceTest, AHashOfAnotherKindIsReplacedWithTheLogin) {
  for (const auto& [kind, from] : {std::pair("pbkdf2", "pbkdf2"), {"sha256", "sha256"}, {"other_cost", "argon2id"}}) {
    const auto user = here.add(kind, "user", kind);
    EXPECT_FALSE(here.login(kind, "wrong-Password-1"));
    EXPECT_EQ(
        here.chat.number(fmt::format("SELECT count(*) FROM audit_logs WHERE action = 'password_hash_upgraded' AND "
                                     "user_id = '{}'",
                                     user.text())),
        0);
    ASSERT_TRUE(here.login(kind)) << kind;
    EXPECT_EQ(here.newest("password_hash_upgraded", "details"), fmt::format(R"({{"from": "{}"}})", from));
    EXPECT_THAT(user_column(user, "password_hash"), testing::StartsWith("$argon2id$v=19$m=64,t=1,p=1$"));
    EXPECT_EQ(user_column(user, "password_hash_type"), "argon2id");
    EXPECT_EQ(user_column(user, "salt IS NULL"), "true");
    EXPECT_EQ(user_column(user, "password_last_changed IS NULL"), "true") << "the password is the same";
    ASSERT_TRUE(here.login(kind)) << kind;
  }
  EXPECT_EQ(here.chat.entries("password_hash_upgraded"), 3);
}

TEST_F(SessionServiceTest, APasswordReplacedWhileItWasComparedOpensNothing) {
  const auto user = here.add("amara");
  LoginAttempt attempt{.origin = test::from(home),
                       .user = user,
                       .password_fits = true,
                       .compared = {.hash = "the one before", .type = "argon2id", .salt = {}},
                       .upgraded_hash = "$argon2id$of-the-one-before",
                       .session = {.id = SessionId(Uuid::v7()),
                                   .user = user,
                                   .token_hash = "x",
                                   .expires_at = here.now() + hours(1),
                                   .max_expires_at = here.now() + hours(1),
                                   .ip_address = {},
                                   .user_agent = {}}};
  const auto unit = std::make_shared<LoginUnit>(std::move(attempt), LockoutRule{});
  here.chat.run(here.chat.ledger.commit(unit));
  EXPECT_FALSE(unit->account());
  EXPECT_EQ(user_column(user, "failed_login_attempts"), "0");
  EXPECT_EQ(here.chat.number("SELECT count(*) FROM sessions"), 0);
  EXPECT_TRUE(here.login("amara"));
}

TEST_F(SessionServiceTest, AForcedPasswordChangeLetsInButOpensNothingElse) {
  here.set(here.add("amara"), "force_password_change = true");
  const auto answer = here.login("amara");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->account.force_password_change);
  const auto actor = here.identify(answer->token.reveal());
  ASSERT_TRUE(actor);
  EXPECT_EQ(here.sessions.check_restrictions(*actor).error().code, ErrorCode::password_change_required);
  EXPECT_EQ(here.sessions.check_restrictions(answer->account).error().code, ErrorCode::password_change_required);
}

TEST_F(SessionServiceTest, WhatTheDatabaseTakesAwayIsGoneWithTheNextRequest) {
  const std::pair<const char*, const char*> changes[] = {
      {"ended", "UPDATE sessions SET is_valid = false"},
      {"expired", "UPDATE sessions SET expires_at = now() - interval '1 second'"},
      {"refreshed", "UPDATE sessions SET token_hash = md5(id::text)"},
      {"made a dashboard's", "UPDATE sessions SET kind = 'dashboard'"},
      {"deleted", "DELETE FROM sessions"},
      {"suspended", "UPDATE users SET status = 'suspended'"},
      {"deactivated", "UPDATE users SET status = 'inactive'"}};
  int number = 0;
  for (const auto& [name, statement] : changes) {
    here.add(fmt::format("person-{}", ++number));
    const auto answer = here.login(fmt::format("person-{}", number));
    ASSERT_TRUE(here.identify(answer->token.reveal()));
    here.chat.change(statement);
    const auto refused = here.identify(answer->token.reveal());
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::token_invalid);
    EXPECT_EQ(refused.error().message, here.identify("garbage").error().message) << name;
    here.chat.change("UPDATE users SET status = 'active'; UPDATE sessions SET is_valid = false");
  }
}

TEST_F(SessionServiceTest, ATokenEndsWithItsLife) {
  here.add("amara");
  const auto answer = here.login("amara");
  here.advance(hours(24) - seconds(30));
  EXPECT_TRUE(here.identify(answer->token.reveal()));
  here.advance(seconds(30));
  EXPECT_FALSE(here.identify(answer->token.reveal()));
}

TEST_F(SessionServiceTest, ATokenOpensNoOtherSession) {
  const auto amara = here.add("amara");
  const auto bo = here.add("bo-2");
  const auto session_of_bo = here.actor("bo-2").session;
  const auto token_for = [&](UserId user, SessionId session) {
    return here.signer.sign({.subject = user,
                             .session = session,
                             .role = "super_admin",
                             .issued_at = here.now(),
                             .expires_at = here.now() + hours(1),
                             .token_id = Uuid::v4()});
  };
  EXPECT_FALSE(here.identify(token_for(bo, session_of_bo).reveal())) << "signed, but not the one of the row";
  EXPECT_FALSE(here.identify(token_for(amara, session_of_bo).reveal()));
  EXPECT_FALSE(here.identify(token_for(amara, SessionId(Uuid::v7())).reveal()));
}

TEST_F(SessionServiceTest, TheRoleIsTheDatabasesAndNotTheTokens) {
  here.add("amara", "super_admin");
  const auto answer = here.login("amara");
  here.chat.change("UPDATE users SET role_id = (SELECT id FROM roles WHERE name = 'user')");
  const auto actor = here.identify(answer->token.reveal());
  ASSERT_TRUE(actor);
  EXPECT_EQ(actor->role_name, "user");
  EXPECT_FALSE(actor->permissions.has_any_admin());
}

TEST_F(SessionServiceTest, LogoutEndsTheSessionAndItsSocketsOnly) {
  here.add("amara");
  const auto leaving = here.actor("amara");
  const auto staying = here.actor("amara");
  test::EndedListener socket(here.chat, leaving);
  test::EndedListener other(here.chat, staying);
  ASSERT_TRUE(here.chat.run(here.sessions.logout(leaving)));
  here.chat.settle();
  ASSERT_EQ(socket.endings.size(), 1U);
  EXPECT_EQ(socket.endings.front().close_code, 1008);
  EXPECT_EQ(socket.endings.front().close_reason, "session terminated");
  EXPECT_THAT(*socket.endings.front().last_frame, HasSubstr(R"("reason":"logout","reconnect":false)"));
  EXPECT_TRUE(other.endings.empty());
  EXPECT_EQ(session_column(leaving.session, "end_reason"), "logout");
  EXPECT_EQ(session_column(leaving.session, "ended_at IS NOT NULL"), "true");
  EXPECT_EQ(session_column(staying.session, "is_valid"), "true");
  EXPECT_EQ(here.newest("logout", "session_id"), leaving.session.text());
}

TEST_F(SessionServiceTest, ASecondLogoutIsNoSecondEntry) {
  here.add("amara");
  const auto actor = here.actor("amara");
  std::vector<Task<Result<>>> logouts;
  for (int i = 0; i < 5; ++i) logouts.push_back(here.sessions.logout(actor));
  for (const auto& done : here.chat.run_together(std::move(logouts))) EXPECT_TRUE(done);
  EXPECT_TRUE(here.chat.run(here.sessions.logout(actor)));
  EXPECT_EQ(here.chat.entries("logout"), 1);
}

TEST_F(SessionServiceTest, TheLastUseIsWrittenAtMostOnceAMinute) {
  here.add("amara");
  const auto answer = here.login("amara");
  const auto writes = [&] {
    here.flush();
    return here.chat.sql("SELECT last_used_at::text FROM sessions");
  };
  const auto first = writes();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(here.identify(answer->token.reveal()));
  EXPECT_EQ(writes(), first);
  here.chat.change("UPDATE sessions SET last_used_at = now() - interval '61 seconds'");
  const auto old = writes();
  ASSERT_TRUE(here.identify(answer->token.reveal()));
  const auto second = writes();
  EXPECT_NE(second, old);
  ASSERT_TRUE(here.identify(answer->token.reveal()));
  EXPECT_EQ(writes(), second);
}

TEST(SessionService, AnIdleSessionIsEnded) {
  Accounts here({.idle_max = minutes(15)});
  here.add("amara");
  const auto answer = here.login("amara");
  const auto actor = here.identify(answer->token.reveal());
  test::EndedListener socket(here.chat, *actor);
  here.chat.change("UPDATE sessions SET last_used_at = now() - interval '14 minutes'");
  EXPECT_TRUE(here.identify(answer->token.reveal()));
  here.flush();
  here.chat.change("UPDATE sessions SET last_used_at = now() - interval '16 minutes'");
  for (int i = 0; i < 2; ++i) {
    const auto refused = here.identify(answer->token.reveal());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::token_invalid);
  }
  here.chat.settle();
  EXPECT_EQ(here.chat.sql("SELECT end_reason FROM sessions"), "expired");
  EXPECT_EQ(here.chat.entries("session_expired"), 1);
  ASSERT_EQ(socket.endings.size(), 1U);
  EXPECT_THAT(*socket.endings.front().last_frame, HasSubstr(R"("reason":"expired")"));
}

TEST(SessionService, AdministratorsWithoutASecondFactorMayDoLittle) {
  Accounts here({.admin_two_factor_required = true});
  here.add("root-1", "super_admin");
  here.add("amara");
  const auto admin = here.actor("root-1");
  EXPECT_EQ(here.sessions.check_restrictions(admin).error().code, ErrorCode::two_factor_required);
  EXPECT_TRUE(here.sessions.check_restrictions(here.actor("amara")));
  Actor enrolled = admin;
  enrolled.has_second_factor = true;
  EXPECT_TRUE(here.sessions.check_restrictions(enrolled));
}

TEST(SessionService, AdministratorsAreBoundToTheirNetworks) {
  Accounts here({.is_admin_network = [](std::string_view ip_address) { return ip_address == home; }});
  here.add("root-1", "super_admin");
  here.add("amara");
  EXPECT_FALSE(here.login("root-1", Accounts::password, elsewhere));
  EXPECT_THAT(here.newest("authentication_failure", "details"), HasSubstr("network_not_allowed"));
  EXPECT_TRUE(here.login("amara", Accounts::password, elsewhere));
  auto admin = here.actor("root-1", home);
  EXPECT_TRUE(here.sessions.check_network(admin));
  admin.origin.ip_address = elsewhere;
  EXPECT_EQ(here.sessions.check_network(admin).error().code, ErrorCode::network_not_allowed);
  auto person = here.actor("amara");
  person.origin.ip_address = elsewhere;
  EXPECT_TRUE(here.sessions.check_network(person));
}

}  // namespace
}  // namespace mcp::identity
