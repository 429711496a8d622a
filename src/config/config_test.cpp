// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/config.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "config/test_home.hpp"
#include "config/variables.hpp"

namespace mcp::config {

namespace {

using namespace testing_home;

class ConfigTest : public TestHome {};

TEST_F(ConfigTest, StartsWithTheThreeSecretsAlone) {
  const auto config = loaded();
  ASSERT_TRUE(config.has_value()) << problems();
  EXPECT_EQ(config->mode, Mode::development);
  EXPECT_EQ(config->home, home());
  EXPECT_EQ(config->server.host, "127.0.0.1");
  EXPECT_EQ(config->server.port, 3000);
  EXPECT_TRUE(config->database.is_private);
  EXPECT_EQ(config->database.host, "");
  EXPECT_EQ(config->session.token_life, std::chrono::hours{24});
  EXPECT_EQ(config->session.life_max, std::chrono::days{7});
  EXPECT_EQ(config->log.directory, home() / "logs");
  EXPECT_EQ(config->log.file_bytes_max, 50U << 20);
  EXPECT_EQ(config->keys.content.reveal().size(), 32U);
  EXPECT_EQ(config->keys.content.reveal().substr(0, 4), std::string_view("\0\1\2\3", 4));
  EXPECT_TRUE(config->network.allowed.contains("192.168.4.5"));
  EXPECT_FALSE(config->network.allowed.contains("10.0.0.1"));
  EXPECT_TRUE(config->network.admin_allowed.contains("192.168.4.5"));
  EXPECT_FALSE(config->admin.two_factor_required);
  EXPECT_FALSE(config->backup.at.has_value());
}

TEST_F(ConfigTest, HasOtherDefaultsInProduction) {
  environment_["NODE_ENV"] = "production";
  environment_["TRUSTED_PROXIES"] = "10.0.0.7";
  const auto config = loaded();
  ASSERT_TRUE(config.has_value()) << problems();
  EXPECT_EQ(config->server.host, "0.0.0.0");
  EXPECT_TRUE(config->admin.two_factor_required);
  EXPECT_TRUE(config->database.is_private);
}

// Protects "the nearest to the operator wins": with all layers set, taking away the nearest brings up the next.
TEST_F(ConfigTest, PrefersTheLayerNearestToTheOperator) {
  options_.flags["PORT"] = "1001";
  environment_["PORT"] = "1002";
  const auto dotenv = write("var/.env", "PORT=1003\n");
  const auto file = write("var/config.json", R"({"port":1004})", 0640);
  const auto port_and_origin = [this] {
    const auto config = loaded();
    if (!config) return problems();
    const auto found = std::ranges::find(config->described, "PORT", &Described::variable);
    return std::to_string(config->server.port) + " " + std::string(name(found->layer)) + " " + found->source;
  };
  EXPECT_EQ(port_and_origin(), "1001 command line ");
  options_.flags.clear();
  EXPECT_EQ(port_and_origin(), "1002 environment ");
  environment_.erase("PORT");
  EXPECT_EQ(port_and_origin(), "1003 .env " + dotenv.string());
  fs::remove(dotenv);
  EXPECT_EQ(port_and_origin(), "1004 config.json " + file.string());
  fs::remove(file);
  EXPECT_EQ(port_and_origin(), "3000 default ");
}

TEST_F(ConfigTest, ReadsDotenvOfTheHomeBeforeThatOfTheWorkingDirectory) {
  write(".env", "PORT=2001\n");
  EXPECT_EQ(loaded()->server.port, 2001);
  write("var/.env", "THREADS=2\n");
  EXPECT_EQ(loaded()->server.port, 3000);  // one file, not both
  EXPECT_EQ(loaded()->server.threads, 2U);
}

TEST_F(ConfigTest, FindsItsHomeByFlagEnvironmentAndDotenv) {
  for (const char* other : {"one", "two", "three"}) {
    fs::create_directory(folder_ / other);
    chmod((folder_ / other).c_str(), 0700);
  }
  write(".env", "MESSENGER_HOME=three\n");
  EXPECT_EQ(loaded()->home, folder_ / "three");
  environment_["MESSENGER_HOME"] = (folder_ / "two/").string();
  EXPECT_EQ(loaded()->home, folder_ / "two");
  options_.flags["MESSENGER_HOME"] = "one";
  EXPECT_EQ(loaded()->home, folder_ / "one");
  EXPECT_EQ(loaded()->log.directory, folder_ / "one/logs");
}

TEST_F(ConfigTest, ReadsTheDotenvOfTheHomeThatADotenvNames) {
  fs::create_directory(folder_ / "other");
  chmod((folder_ / "other").c_str(), 0700);
  write(".env", "MESSENGER_HOME=other\nPORT=2001\n");
  EXPECT_EQ(loaded()->server.port, 2001);
  write("other/.env", "THREADS=2\n");
  const auto config = loaded();
  ASSERT_TRUE(config.has_value()) << problems();
  EXPECT_EQ(config->home, folder_ / "other");
  EXPECT_EQ(config->server.threads, 2U);
  EXPECT_EQ(config->server.port, 3000);
  EXPECT_NE(warnings().find(".env: is not read, because the home has one of its own"), std::string::npos);
}

TEST_F(ConfigTest, RefusesADotenvInAHomeThatNamesAnother) {
  write("var/.env", "MESSENGER_HOME=/elsewhere\n");
  EXPECT_EQ(problems(), "MESSENGER_HOME: names another directory than the one this .env lies in\n");
  options_.flags["MESSENGER_HOME"] = home();  // nearer to the operator: a home that was moved
  EXPECT_EQ(problems(), "");
}

TEST_F(ConfigTest, TakesTheConfigFileOfTheFlag) {
  write("other.json", R"({"port":4001})");
  write("var/config.json", R"({"port":4002})");
  options_.config_file = "other.json";
  EXPECT_EQ(loaded()->server.port, 4001);
  options_.config_file = "absent.json";
  EXPECT_EQ(problems(), "--config: does not exist\n");
}

TEST_F(ConfigTest, CountsAnEmptyValueAsNotGiven) {
  write("var/config.json", R"({"port":4003,"corsOrigins":"https://a.example"})");
  environment_["PORT"] = "";
  environment_["CORS_ORIGINS"] = "";  // an empty list is a value, and wins
  environment_["DB_HOST"] = "";
  environment_["DB_PASSWORD"] = "";
  const auto config = loaded();
  ASSERT_TRUE(config.has_value()) << problems();
  EXPECT_EQ(config->server.port, 4003);
  EXPECT_TRUE(config->network.cors_origins.empty());
  EXPECT_TRUE(config->database.is_private);
}

TEST_F(ConfigTest, ReadsEveryKeyOfTheConfigFile) {
  write("var/config.json",
        R"({"port":4000,"threads":3,"logging":{"dir":"/l","maxBytes":1048576,"keepDays":7,"stdout":false},
    "jwt":{"expiresIn":"2h"},"session":{"maxAge":"3d","idleTimeout":900},"database":{"private":true},
    "allowedNetworkRange":["10.0.0.0/8","fd00::/8"],"corsOrigins":["https://a.example","https://b.example:8443"],
    "websocket":{"rateBurst":9},"password":{"argon2":{"memoryKib":1024,"time":2}},"metrics":{"allow":"10.1.1.1"}})");
  const auto config = loaded();
  ASSERT_TRUE(config.has_value()) << problems();
  EXPECT_EQ(config->log.directory, "/l");
  EXPECT_FALSE(config->log.to_stdout);
  EXPECT_EQ(config->session.token_life, std::chrono::hours{2});
  EXPECT_EQ(config->session.idle_max, std::chrono::minutes{15});
  EXPECT_TRUE(config->network.allowed.contains("fd00::1"));
  EXPECT_EQ(config->network.cors_origins, (std::vector<std::string>{"https://a.example", "https://b.example:8443"}));
  EXPECT_EQ(config->websocket.frames_burst, 9U);
  EXPECT_EQ(config->password.argon2_memory_kib, 1024U);
  EXPECT_TRUE(config->metrics.allow.contains("10.1.1.1"));
  EXPECT_TRUE(config->database.is_private);
}

// Every mistake of the file is an error that names its key.
struct FileCase {
  const char* name;
  const char* content;
  const char* problem;
};
void PrintTo(const FileCase& file, std::ostream* out) { *out << file.name; }

class ConfigFileRefusal : public TestHome, public testing::WithParamInterface<FileCase> {};

TEST_P(ConfigFileRefusal, NamesTheKey) {
  write("var/config.json", GetParam().content);
  EXPECT_EQ(problems(), std::string(GetParam().problem) + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    , ConfigFileRefusal,
    testing::Values(
        FileCase{"unknown", R"({"prot":1})", "prot: is not a key of config.json; did you mean port?"},
        FileCase{"unknown_nested", R"({"database":{"hots":"x"}})",
                 "database.hots: is not a key of config.json; did you mean database.host?"},
        FileCase{"case_matters", R"({"loglevel":"info"})",
                 "loglevel: is not a key of config.json; did you mean logLevel?"},
        FileCase{"far_from_all", R"({"zzzzzz":1})", "zzzzzz: is not a key of config.json"},
        FileCase{"duplicate", R"({"port":1,"port":2})",
                 "port: line 1, column 19: a key occurs twice in one JSON object"},
        FileCase{"number_as_string", R"({"port":"3000"})", "port: must be a whole number, without quotes"},
        FileCase{"fraction", R"({"port":1.5})", "port: must be a whole number, without quotes"},
        FileCase{"bool_as_string", R"({"authenticateUsers":"true"})",
                 "authenticateUsers: must be true or false, without quotes"},
        FileCase{"string_as_number", R"({"host":1})", "host: must be a string"},
        FileCase{"null", R"({"host":null})", "host: must be a string"},
        FileCase{"group_as_string", R"({"database":"x"})", "database: must be an object"},
        FileCase{"list_of_numbers", R"({"corsOrigins":[1]})", "corsOrigins: must be a string or an array of strings"},
        FileCase{"comma_in_an_element", R"({"corsOrigins":["https://a.example,https://b.example"]})",
                 "corsOrigins: must be a string or an array of strings"},
        FileCase{"range", R"({"threads":257})", "THREADS: must be a whole number, from 0 to 256"},
        FileCase{"secret_by_key", R"({"jwt":{"secret":"x"}})",
                 "jwt.secret: looks like a secret, which config.json never holds: use the variable or its _FILE form"},
        FileCase{
            "secret_by_name", R"({"ENCRYPTION_KEY":"x"})",
            "ENCRYPTION_KEY: looks like a secret, which config.json never holds: use the variable or its _FILE form"},
        FileCase{"database_password", R"({"database":{"password":"x"}})",
                 "database.password: looks like a secret, which config.json never holds: use the variable or its _FILE "
                 "form"},
        FileCase{"syntax", "{\n\"port\": 1,,\n}", "config.json: line 2, column 11: the text is not valid JSON"},
        FileCase{"no_object", "[]", "config.json: must be a JSON object"}),
    [](const auto& test) { return test.param.name; });

TEST_F(ConfigTest, ReportsAllProblemsAtOnce) {
  write("var/config.json", R"({"prot":1,"threads":999})");
  write("var/.env", "LOG_LEVEL=loud\nnonsense\n");
  environment_ = {{"PORT", "70000"}, {"ENCRYPTION_KEY", "short"}, {"NODE_ENV", "production"}, {"DB_NAME", "x"}};
  options_.flags["HOST"] = "not a host";
  const auto found = problems();
  for (const char* variable : {"prot", "THREADS", "LOG_LEVEL", ".env", "PORT", "ENCRYPTION_KEY", "HOST", "JWT_SECRET",
                               "METADATA_KEY", "DB_HOST", "DB_USER", "DB_PASSWORD", "TLS_CERT_FILE"}) {
    EXPECT_TRUE(found.starts_with(std::string(variable) + ": ") || found.contains("\n" + std::string(variable) + ": "))
        << variable;
  }
  EXPECT_EQ(found.find("ENCRYPTION_KEY: is required"), std::string::npos);  // it is there, only wrong
}

// What is needed depends on what is done.
TEST_F(ConfigTest, AsksOnlyForTheSecretsOfItsPurpose) {
  environment_.clear();
  for (const auto purpose : {Purpose::setup, Purpose::show, Purpose::migrate}) {
    options_.purpose = purpose;
    EXPECT_EQ(problems(), "");
  }
  for (const auto purpose : {Purpose::serve, Purpose::check, Purpose::operate, Purpose::rotate_root}) {
    options_.purpose = purpose;
    EXPECT_NE(problems().find("JWT_SECRET: is required"), std::string::npos);
  }
  environment_ = {{"DB_HOST", "db.example"}, {"DB_PASSWORD", "x"}, {"DB_MIGRATION_USER", "owner"}};
  options_.purpose = Purpose::migrate;
  EXPECT_EQ(problems(), "DB_MIGRATION_PASSWORD: is required because DB_MIGRATION_USER is not DB_USER\n");
  environment_ = {{"DB_HOST", "db.example"}, {"DB_MIGRATION_PASSWORD", "y"}, {"DB_MIGRATION_USER", "owner"}};
  EXPECT_EQ(problems(), "");
}

TEST_F(ConfigTest, ReadsTheNextRootKeysForTheirRotationOnly) {
  environment_["ENCRYPTION_KEY_NEXT"] = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=";
  EXPECT_TRUE(loaded()->keys.content_next.empty());
  options_.purpose = Purpose::rotate_root;
  EXPECT_EQ(loaded()->keys.content_next.size(), 32U);
  environment_["ENCRYPTION_KEY_NEXT"] = encryption_key;
  EXPECT_EQ(problems(), "ENCRYPTION_KEY_NEXT: must differ from ENCRYPTION_KEY\n");
  environment_.erase("ENCRYPTION_KEY_NEXT");
  EXPECT_EQ(problems(), "ENCRYPTION_KEY_NEXT: or METADATA_KEY_NEXT is required to rotate a root key\n");
}

TEST_F(ConfigTest, ChoosesTheDatabase) {
  write("var/config.json", R"({"database":{"private":true}})");
  EXPECT_TRUE(loaded()->database.is_private);
  write("var/.env", "DB_PASSWORD=x\n");
  const auto config = loaded();
  ASSERT_TRUE(config.has_value()) << problems();
  EXPECT_FALSE(config->database.is_private);
  EXPECT_EQ(config->database.host, "localhost");
  EXPECT_EQ(config->database.name, "mcp_messenger_db");
  EXPECT_EQ(config->database.user, "mcp_messenger_admin");
  EXPECT_EQ(config->database.migration_user, "mcp_messenger_admin");
  EXPECT_EQ(config->database.migration_password.reveal(), "x");
  EXPECT_NE(warnings().find("database.private: is ignored"), std::string::npos);
  write("var/config.json", R"({"database":{"host":"/run/postgresql","migrationUser":"owner"}})");
  fs::remove(home() / ".env");
  EXPECT_FALSE(loaded()->database.is_private);
  EXPECT_EQ(loaded()->database.host, "/run/postgresql");
  EXPECT_EQ(loaded()->database.migration_user, "owner");
}

TEST_F(ConfigTest, ReadsSecretsFromFiles) {
  environment_.erase("JWT_SECRET");
  const auto path = write("jwt", std::string(jwt_secret) + "\n", 0600);
  environment_["JWT_SECRET_FILE"] = path;
  EXPECT_EQ(loaded()->session.jwt_secret.reveal(), jwt_secret);
  write("jwt", std::string(jwt_secret) + "\n\n");  // one newline is removed, not two
  EXPECT_EQ(loaded()->session.jwt_secret.reveal(), std::string(jwt_secret) + "\n");
  write("jwt", "\n");
  EXPECT_NE(problems().find("JWT_SECRET: the file of JWT_SECRET_FILE is empty"), std::string::npos);

  write("jwt", jwt_secret, 0644);
  EXPECT_EQ(problems().find("JWT_SECRET_FILE: the file is readable by others"), 0U);
  if (geteuid() == 0) {  // owner root: 0640 is the widest
    write("jwt", jwt_secret, 0640);
    EXPECT_EQ(problems(), "");
    ASSERT_EQ(chown(path.c_str(), 12345, 0), 0);
    EXPECT_EQ(problems().find("JWT_SECRET_FILE: the file belongs neither to this user nor to root"), 0U);
  } else {
    write("jwt", jwt_secret, 0640);
    EXPECT_EQ(problems().find("JWT_SECRET_FILE: the file is readable by others"), 0U);
  }
  environment_["JWT_SECRET_FILE"] = folder_ / "absent";
  EXPECT_EQ(problems().find("JWT_SECRET_FILE: the file does not exist"), 0U);
  environment_["JWT_SECRET_FILE"] = folder_;
  EXPECT_EQ(problems().find("JWT_SECRET_FILE: the file is no regular file"), 0U);
  environment_["JWT_SECRET_FILE"] = write("jwt2", jwt_secret);
  environment_["JWT_SECRET"] = jwt_secret;
  EXPECT_EQ(problems(), "JWT_SECRET: is set, and JWT_SECRET_FILE too: only one may be\n");
}

TEST_F(ConfigTest, ChecksFileModes) {
  write("var/.env", "PORT=2000\n", 0640);
  EXPECT_NE(warnings().find(".env: is readable by others"), std::string::npos);
  be_in_production();
  EXPECT_EQ(problems().find(".env: is readable by others"), 0U);
  chmod((home() / ".env").c_str(), 0600);
  EXPECT_EQ(problems(), "");
  chmod(home().c_str(), 0750);
  EXPECT_EQ(problems(), "MESSENGER_HOME: is open to others: its mode must be 0700\n");
  environment_["NODE_ENV"] = "development";
  EXPECT_NE(warnings().find("MESSENGER_HOME: is open to others"), std::string::npos);
}

TEST_F(ConfigTest, ChecksTheFilesOfTls) {
  environment_["TLS_CERT_FILE"] = write("cert.pem", "x", 0644);
  EXPECT_EQ(problems(), "TLS_KEY_FILE: is required with TLS_CERT_FILE\n");
  environment_["TLS_KEY_FILE"] = write("key.pem", "x", 0644);
  EXPECT_EQ(problems().find("TLS_KEY_FILE: names a file that is readable by others"), 0U);
  write("key.pem", "x", 0600);
  EXPECT_EQ(problems(), "");
  environment_["TLS_CERT_FILE"] = folder_ / "absent";
  EXPECT_EQ(problems(), "TLS_CERT_FILE: names a file that does not exist\n");
}

TEST_F(ConfigTest, NeedsAHomeToServe) {
  options_.flags["MESSENGER_HOME"] = "absent";
  EXPECT_EQ(problems().find("MESSENGER_HOME: is not a directory"), 0U);
  options_.purpose = Purpose::setup;
  EXPECT_EQ(problems(), "");
}

TEST_F(ConfigTest, WarnsOfWhatItDoesNotRefuse) {
  write("var/.env", "JWT_SECRETS=x\nPGHOST=y\n");
  environment_["ALLOWED_NETWORK_RANGE"] = "0.0.0.0/0,::/0";
  environment_["SYSLOG_ADDRESS"] = "logs.example:514";
  const auto found = warnings();
  EXPECT_NE(found.find("JWT_SECRETS: is not read; did you mean JWT_SECRET?"), std::string::npos);
  EXPECT_NE(found.find("ALLOWED_NETWORK_RANGE: is open to every address"), std::string::npos);
  EXPECT_NE(found.find("SYSLOG_ADDRESS: sends audit entries"), std::string::npos);
  EXPECT_EQ(found.find("PGHOST"), std::string::npos);
}

// Protects secrets from everything that shows a configuration.
TEST_F(ConfigTest, NeverShowsASecret) {
  std::vector<std::string> canaries;
  for (const auto& variable : variables()) {
    if (!variable.is_secret() || variable.kind == Kind::root_key) continue;
    canaries.push_back("canary" + std::to_string(canaries.size()) + "-q7Zr1Xw9Kd4Tn8Vb2Lm6Ys3Hc5Gf0Pj");
    environment_[std::string(variable.name)] = (variable.kind == Kind::smtp_url ? "smtp://u:" : "") + canaries.back();
  }
  canaries.insert(canaries.end(), {encryption_key, metadata_key});
  const auto config = loaded();
  ASSERT_TRUE(config.has_value()) << problems();
  std::string shown;
  for (const auto& described : config->described)
    shown += described.variable + "=" + described.value + " " + described.source + "\n";
  for (const auto& warning : config->warnings) shown += warning.message;
  for (const auto& canary : canaries) EXPECT_EQ(shown.find(canary), std::string::npos);
  EXPECT_NE(shown.find("JWT_SECRET=set"), std::string::npos);
  EXPECT_NE(shown.find("ENCRYPTION_KEY_NEXT=missing"), std::string::npos);
}

// What /proc/<pid>/environ and a child process would show.
TEST(Environment, GivesUpItsSecrets) {
  ASSERT_EQ(setenv("JWT_SECRET", "canary-in-the-environment", 1), 0);
  ASSERT_EQ(setenv("TOKEN_SECRET", "canary-in-the-environment", 1), 0);
  ASSERT_EQ(setenv("PGPASSWORD", "canary-in-the-environment", 1), 0);
  ASSERT_EQ(setenv("LOG_LEVEL", "debug", 1), 0);
  const char* const memory = getenv("JWT_SECRET");
  const auto environment = Environment::take();
  EXPECT_EQ(getenv("JWT_SECRET"), nullptr);
  EXPECT_EQ(getenv("TOKEN_SECRET"), nullptr);
  EXPECT_EQ(getenv("PGPASSWORD"), nullptr);
  EXPECT_STREQ(getenv("LOG_LEVEL"), "debug");
  EXPECT_EQ(std::string_view(memory, 25), std::string_view(std::string(25, '\0')));
  ASSERT_NE(environment.find("JWT_SECRET"), nullptr);
  EXPECT_EQ(environment.find("JWT_SECRET")->reveal(), "canary-in-the-environment");
  EXPECT_EQ(environment.find("ABSENT"), nullptr);
  unsetenv("LOG_LEVEL");
}

}  // namespace
}  // namespace mcp::config
