// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects what stands once in a database: keys that only the right roots open, a first administrator nobody can log in
// as without the token, and an audit entry for each of these acts.
#include "operations/installation.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>

#include "crypto/digest.hpp"
#include "crypto/locked_key.hpp"
#include "operations/failure.hpp"
#include "operations/temporary_folder_test.hpp"
#include "support/database.hpp"

namespace mcp::operations {
namespace {

namespace fs = std::filesystem;
using crypto::KeyPurpose;

crypto::RootKey root(std::uint8_t filling) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(filling);
  return crypto::RootKey(crypto::LockedKey::from(bytes));
}

class InstallationTest : public testing::Test {
 public:
  ~InstallationTest() override {
    link_.close();
    loop_.run(ledger_.stop());
  }

 protected:
  InstallationTest()
      : home_(Home::create(folder_.path() / "home")),
        link_(loop_.executor(), database_.address(), {}),
        ledger_(loop_.executor(), database_.address(),
                {.chain = ChainId(Uuid::v4()),
                 .instance_name = "test",
                 .hostname = "test",
                 .process_id = 1,
                 .instance_lock = {}},
                system_now) {
    loop_.run(link_.connect());
    loop_.run(ledger_.start());
  }

  std::string sql(const std::string& query) const { return database_.ask_as_superuser(query); }
  void change(const std::string& statements) const { database_.run_as_superuser(statements); }
  std::string entries(const std::string& action) const {
    return sql("SELECT count(*)::text FROM audit_logs WHERE action = '" + action + "'");
  }

  void set_up_keys() {
    crypto::Keyring keys;
    Installation installation(link_, ledger_, keys, "amara");
    loop_.run(installation.establish(root(1), root(2)));
    loop_.run(installation.open_keys(root(1), root(2)));
  }

  // How opening the keys with these roots fails; nothing when it does not.
  std::optional<Failure> failure_to_open(std::uint8_t content, std::uint8_t metadata) {
    crypto::Keyring keys;
    Installation installation(link_, ledger_, keys, std::nullopt);
    try {
      loop_.run(installation.open_keys(root(content), root(metadata)));
    } catch (const Failure& failure) {
      return failure;
    }
    return std::nullopt;
  }

  AdministratorState ensure(FirstAdministrator administrator) {
    crypto::Keyring keys;
    Installation installation(link_, ledger_, keys, "amara");
    return loop_.run(installation.ensure_administrator(std::move(administrator), home_));
  }
  std::string token() const {
    std::string text;
    std::ifstream(home_.setup_token_file()) >> text;
    return text;
  }

  test::Loop loop_;
  test::TestDatabase database_;
  TemporaryFolder folder_;
  Home home_;
  db::Link link_;
  ledger::Ledger ledger_;
};

TEST_F(InstallationTest, MakesOneActiveKeyAPurposeAndKeepsThem) {
  std::map<KeyPurpose, KeyId> first;
  for (int start = 0; start < 2; ++start) {
    crypto::Keyring keys;
    Installation installation(link_, ledger_, keys, "amara");
    loop_.run(installation.establish(root(1), root(2)));
    loop_.run(installation.open_keys(root(1), root(2)));
    for (const auto purpose : {KeyPurpose::message, KeyPurpose::metadata, KeyPurpose::mac, KeyPurpose::backup}) {
      const auto active = keys.active(purpose);
      ASSERT_TRUE(active) << crypto::name(purpose);
      if (start == 0) first[purpose] = active->id;
      EXPECT_EQ(active->id, first[purpose]);
    }
    EXPECT_FALSE(installation.epoch().empty());
    EXPECT_EQ(installation.installation_id().text(),
              sql("SELECT value #>> '{}' FROM settings WHERE key = '_installation_id'"));
  }
  EXPECT_EQ(sql("SELECT count(*)::text FROM encryption_keys"), "4");
  EXPECT_EQ(entries("key_rotated"), "4");
  EXPECT_EQ(
      sql("SELECT string_agg(DISTINCT severity || ' ' || (details ->> 'origin') || ' ' || (details ->> 'osUser'), ',')"
          " FROM audit_logs WHERE action = 'key_rotated'"),
      "critical cli amara");
  EXPECT_EQ(
      sql("SELECT (string_agg(DISTINCT k.key_id::text, '') = string_agg(DISTINCT a.details ->> 'keyId', ''))::text"
          " FROM encryption_keys k, audit_logs a WHERE a.action = 'key_rotated'"),
      "true");
}

TEST_F(InstallationTest, MakesOnlyTheKeyThatIsMissing) {
  set_up_keys();
  const auto others =
      sql("SELECT string_agg(key_id::text, ',' ORDER BY key_id) FROM encryption_keys WHERE purpose <> 'mac'");
  change("UPDATE encryption_keys SET state = 'decrypt_only' WHERE purpose = 'mac'");
  set_up_keys();
  EXPECT_EQ(sql("SELECT count(*)::text FROM encryption_keys WHERE purpose = 'mac'"), "2");
  EXPECT_EQ(others,
            sql("SELECT string_agg(key_id::text, ',' ORDER BY key_id) FROM encryption_keys WHERE purpose <> 'mac'"));
}

TEST_F(InstallationTest, TellsAWrongRootKeyFromDamage) {
  ASSERT_TRUE(failure_to_open(1, 2));
  EXPECT_EQ(failure_to_open(1, 2)->code(), ExitCode::configuration) << "nothing was set up yet";
  set_up_keys();
  EXPECT_FALSE(failure_to_open(1, 2));

  const auto wrong_content = failure_to_open(3, 2);
  ASSERT_TRUE(wrong_content);
  EXPECT_EQ(wrong_content->code(), ExitCode::configuration);
  EXPECT_NE(std::string(wrong_content->what()).find("ENCRYPTION_KEY"), std::string::npos);
  const auto wrong_metadata = failure_to_open(1, 3);
  ASSERT_TRUE(wrong_metadata);
  EXPECT_EQ(wrong_metadata->code(), ExitCode::configuration);
  EXPECT_NE(std::string(wrong_metadata->what()).find("METADATA_KEY"), std::string::npos);

  struct Damage {
    const char* name;
    const char* sql;
  };
  for (const Damage& damage : {
           Damage{"a flipped bit",
                  "UPDATE encryption_keys SET wrapped_key = set_byte(wrapped_key, 0, "
                  "get_byte(wrapped_key, 0) # 1) WHERE purpose = 'message'"},
           Damage{"another row's key",
                  "UPDATE encryption_keys a SET wrapped_key = b.wrapped_key, wrap_iv = b.wrap_iv, "
                  "wrap_tag = b.wrap_tag FROM encryption_keys b "
                  "WHERE a.purpose = 'message' AND b.purpose = 'backup'"},
           Damage{"another root's id", "UPDATE encryption_keys SET root_id = '0123456789abcdef' WHERE purpose = 'mac'"},
           Damage{"no check values", "DELETE FROM settings WHERE key = '_key_check'"},
       }) {
    change(
        "CREATE TABLE kept_keys AS SELECT * FROM encryption_keys; CREATE TABLE kept_settings AS SELECT * FROM "
        "settings");
    change(damage.sql);
    const auto failure = failure_to_open(1, 2);
    ASSERT_TRUE(failure) << damage.name;
    EXPECT_EQ(failure->code(), ExitCode::data) << damage.name;
    change(
        "DELETE FROM encryption_keys; INSERT INTO encryption_keys SELECT * FROM kept_keys; DROP TABLE kept_keys;"
        "DELETE FROM settings; INSERT INTO settings SELECT * FROM kept_settings; DROP TABLE kept_settings");
    EXPECT_FALSE(failure_to_open(1, 2)) << damage.name;
  }
}

TEST_F(InstallationTest, NeverInventsAnIdentityForKeysThatHaveLostTheirs) {
  set_up_keys();
  change("DELETE FROM settings");
  crypto::Keyring keys;
  Installation installation(link_, ledger_, keys, "amara");
  try {
    loop_.run(installation.establish(root(1), root(2)));
    ADD_FAILURE() << "not refused";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::data);
  }
}

TEST_F(InstallationTest, RecordsEachAppliedMigrationOnce) {
  crypto::Keyring keys;
  Installation installation(link_, ledger_, keys, "amara");
  loop_.run(installation.record_migrations());
  loop_.run(installation.record_migrations());
  EXPECT_EQ(sql("SELECT string_agg(details ->> 'version', ',' ORDER BY seq) FROM audit_logs"
                " WHERE action = 'migration_applied'"),
            sql("SELECT string_agg(version::text, ',' ORDER BY version) FROM schema_migrations"));
}

TEST_F(InstallationTest, MakesAnAdministratorThatOnlyTheTokenOpens) {
  EXPECT_EQ(ensure({.username = "amara", .email = "Amara@Example.org"}), AdministratorState::made);
  EXPECT_EQ(sql("SELECT u.username || ' ' || u.email || ' ' || u.password_hash || ' ' || u.status || ' ' || r.name"
                " FROM users u JOIN roles r ON r.id = u.role_id"),
            "amara amara@example.org ! active super_admin");
  struct stat status{};
  ASSERT_EQ(::stat(home_.setup_token_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_GE(token().size(), 43U) << "256 bits in base64url";
  EXPECT_EQ(sql("SELECT token_hash FROM password_reset_requests WHERE kind = 'setup' AND NOT used"),
            crypto::sha256_hex(token()));
  EXPECT_EQ(sql("SELECT (expires_at = created_at + interval '24 hours')::text FROM password_reset_requests"), "true");
  EXPECT_EQ(entries("user_created"), "1");
  EXPECT_EQ(entries("password_reset_requested"), "1");
  EXPECT_EQ(sql("SELECT count(*)::text FROM audit_logs WHERE details::text LIKE '%" + token() +
                "%' OR details::text LIKE '%mple.org%' OR user_id IS NOT NULL"),
            "0");
}

TEST_F(InstallationTest, RenewsTheTokenUntilAnAdministratorHasLoggedIn) {
  ASSERT_EQ(ensure({.username = "amara", .email = {}}), AdministratorState::made);
  const std::string first = token();
  EXPECT_EQ(ensure({.username = "somebody_else", .email = {}}), AdministratorState::renewed);
  EXPECT_NE(token(), first);
  EXPECT_EQ(sql("SELECT count(*)::text FROM users"), "1");
  EXPECT_EQ(sql("SELECT token_hash FROM password_reset_requests WHERE NOT used"), crypto::sha256_hex(token()));
  EXPECT_EQ(sql("SELECT count(*)::text FROM password_reset_requests WHERE used AND used_at IS NOT NULL"), "1");

  change("UPDATE users SET last_login = now()");
  EXPECT_EQ(ensure({.username = "amara", .email = {}}), AdministratorState::settled);
  EXPECT_FALSE(fs::exists(home_.setup_token_file()));

  change("UPDATE users SET status = 'suspended'");
  EXPECT_EQ(ensure({.username = "AMARA", .email = {}}), AdministratorState::name_taken);
  EXPECT_EQ(ensure({.username = "bela", .email = {}}), AdministratorState::made);
}

TEST_F(InstallationTest, RefusesNamesTheContractDoesNotAllow) {
  for (const auto* name : {"", "ab", "with space", "o'brien", "über"}) {
    EXPECT_THROW(ensure({.username = name, .email = {}}), Failure) << name;
  }
  EXPECT_THROW(ensure({.username = "amara", .email = "no address"}), Failure);
  EXPECT_EQ(sql("SELECT count(*)::text FROM users"), "0");
}

}  // namespace
}  // namespace mcp::operations
