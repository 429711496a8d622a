// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "cli/run.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "support/database.hpp"

namespace mcp::cli {
namespace {

namespace fs = std::filesystem;
using Variables = std::map<std::string, std::string>;

struct Outcome {
  int code = -1;
  std::string output;  // standard output and error
};

// What stands for the application: says how it was called.
Commands commands() {
  return {
      .serve =
          [](const config::Config& config, bool migrate) {
            if (config.server.instance_name == "throws") throw std::runtime_error("canary of a fault");
            printf("serving port %d migrate %d uid %s\n", config.server.port, migrate,
                   geteuid() == 0 ? "root" : "user");
            return 0;
          },
      .check_certificate = [](const config::Tls&) { throw std::runtime_error("certificate and key do not match"); }};
}

[[noreturn]] void run_in_child(const std::vector<std::string>& arguments, const Variables& environment) {
  clearenv();
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<std::string> words{"mcp-messenger"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int code = run(static_cast<int>(words.size()), argv.data(), commands());
  std::fflush(nullptr);
  _exit(code);
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t bytes = 0; (bytes = read(descriptor, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
  return text;
}

// The whole program in a process of its own, on a home of its own. Started by root it becomes the home's owner, as in
// life.
class Program : public testing::Test {
 protected:
  Program() {
    std::string pattern = "/tmp/mcp-test-cli.XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category());
    folder_ = pattern;
    chmod(folder_.c_str(), 0755);
    fs::create_directory(home());
    chmod(home().c_str(), 0700);
    if (geteuid() == 0) {
      const passwd* owner = getpwnam("postgres");
      EXPECT_EQ(chown(home().c_str(), owner->pw_uid, owner->pw_gid), 0);
    }
  }
  ~Program() override { fs::remove_all(folder_); }

  fs::path home() const { return folder_ / "home"; }

  Outcome call(std::vector<std::string> arguments, const std::string& input = "", Variables more = {}) const {
    arguments.insert(arguments.begin(), {"--home", home()});
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    EXPECT_EQ(pipe(in.data()), 0);
    EXPECT_EQ(pipe(out.data()), 0);
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      dup2(out[1], STDERR_FILENO);
      for (const int end : {in[0], in[1], out[0], out[1]}) close(end);
      if (chdir("/") != 0) _exit(1);
      more.insert(environment_.begin(), environment_.end());
      run_in_child(arguments, more);
    }
    close(in[0]);
    close(out[1]);
    EXPECT_EQ(write(in[1], input.data(), input.size()), static_cast<ssize_t>(input.size()));
    close(in[1]);
    Outcome outcome;
    outcome.output = read_all(out[0]);
    close(out[0]);
    int status = 0;
    waitpid(child, &status, 0);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
  }

  std::string file(const fs::path& name) const {
    std::ifstream stream(home() / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  fs::path folder_;
  Variables environment_;
};

// The same beside an external database.
class ProgramWithDatabase : public Program {
 protected:
  ProgramWithDatabase() : database_(test::TestDatabase::Schema::empty) {
    const auto address = database_.address();
    environment_ = {{"DB_HOST", address.host},
                    {"DB_PORT", std::to_string(address.port)},
                    {"DB_NAME", address.database},
                    {"DB_USER", address.user},
                    {"DB_MIGRATION_USER", database_.owner_address().user},
                    {"ARGON2_MEMORY_KIB", "64"},
                    {"ARGON2_TIME", "1"},
                    {"INSTANCE_NAME", "cli-test"}};
  }
  void set_up() const {
    const auto done = call({"--no-input", "setup"});
    ASSERT_EQ(done.code, 0) << done.output;
  }

  test::TestDatabase database_;
};

constexpr const char* good_password = "Correct-Horse-7-Battery";

TEST_F(Program, RefusesToServeWithoutSecretsBeforeAnythingElse) {
  const auto refused = call({"serve"});
  EXPECT_EQ(refused.code, 78);
  for (const char* variable : {"JWT_SECRET", "ENCRYPTION_KEY", "METADATA_KEY"}) {
    EXPECT_NE(refused.output.find(variable), std::string::npos) << refused.output;
  }
  EXPECT_EQ(refused.output.find("serving"), std::string::npos);
}

TEST_F(Program, TellsAWrongFlagFromAWrongSetting) {
  EXPECT_EQ(call({"--log-level", "loud", "config", "show"}).code, 64);
  EXPECT_EQ(call({"config", "show"}, "", {{"LOG_LEVEL", "loud"}}).code, 78);
  EXPECT_EQ(call({"fly"}).code, 64);
  EXPECT_EQ(call({}).code, 64);
  EXPECT_EQ(call({"--help"}).code, 0);
}

TEST_F(Program, ShowsTheConfigurationWithItsOrigin) {
  std::ofstream(home() / "config.json") << R"({"port":4321})";
  const auto shown =
      call({"config", "show", "--origin"}, "", {{"JWT_SECRET", "canary-canary-canary-canary-canary"}, {"HOST", "::1"}});
  EXPECT_EQ(shown.code, 0) << shown.output;
  EXPECT_NE(shown.output.find("PORT=4321  # config.json " + (home() / "config.json").string()), std::string::npos)
      << shown.output;
  EXPECT_NE(shown.output.find("HOST=::1  # environment\n"), std::string::npos);
  EXPECT_NE(shown.output.find("JWT_SECRET=set  # environment\n"), std::string::npos);
  EXPECT_NE(shown.output.find("METADATA_KEY=missing  # default\n"), std::string::npos);
  EXPECT_EQ(shown.output.find("canary"), std::string::npos);
  const auto json = call({"--json", "config", "show"});
  EXPECT_EQ(json.code, 0);
  EXPECT_TRUE(json.output.starts_with(R"([{"variable":"MESSENGER_HOME","key":"","value":")")) << json.output;
}

TEST_F(Program, PrintsItsVersion) {
  const auto version = call({"version"});
  EXPECT_EQ(version.code, 0);
  for (const char* part :
       {"version: ", "commit: ", "compiler: ", "openssl: 3", "libpq: ", "libsodium: ", "boost: 1."}) {
    EXPECT_NE(version.output.find(part), std::string::npos) << version.output;
  }
  EXPECT_TRUE(call({"--json", "version"}).output.starts_with(R"({"version":")"));
}

TEST_F(ProgramWithDatabase, SetsUpAnEmptyHome) {
  const auto done = call({"--no-input", "setup", "--admin-username", "root1"});
  ASSERT_EQ(done.code, 0) << done.output;
  struct stat status{};
  ASSERT_EQ(stat((home() / ".env").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_EQ(database_.ask_as_superuser("SELECT username::text FROM users"), "root1");
  std::istringstream lines(file(".env"));
  int secrets = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    if (line.starts_with('#') || equals == std::string::npos) continue;
    EXPECT_EQ(done.output.find(line.substr(equals + 1)), std::string::npos) << "a secret was printed";
    ++secrets;
  }
  EXPECT_EQ(secrets, 3);

  const auto before = file(".env");
  EXPECT_EQ(call({"--no-input", "setup", "--admin-username", "root1"}).code, 0);
  EXPECT_EQ(file(".env"), before);

  const auto served = call({"serve", "--port", "4242", "--migrate"});
  EXPECT_EQ(served.code, 0);
  EXPECT_EQ(served.output, "serving port 4242 migrate 1 uid user\n");
  EXPECT_EQ(call({"config", "check"}).code, 0);
}

TEST_F(ProgramWithDatabase, SaysWhatItWouldMigrateAndMigrates) {
  const auto would = call({"migrate", "--dry-run"});
  EXPECT_EQ(would.code, 0) << would.output;
  EXPECT_TRUE(would.output.starts_with("would apply 1, 2")) << would.output;
  EXPECT_EQ(database_.ask_as_superuser("SELECT to_regclass('public.users')::text"), "");
  EXPECT_EQ(call({"init-db", "--to", "1"}).output, "applied 1\n");
  const auto status = call({"migrate", "--status"});
  EXPECT_EQ(status.code, 0);
  EXPECT_NE(status.output.find("0001  applied   accounts\n"), std::string::npos) << status.output;
  EXPECT_NE(status.output.find("0002  pending "), std::string::npos);
  EXPECT_EQ(call({"migrate"}).code, 0);
  EXPECT_EQ(call({"migrate"}).output, "the database is up to date\n");
  EXPECT_EQ(call({"--json", "migrate"}).output, "{\"applied\":[]}\n");

  database_.run_as_superuser("UPDATE schema_migrations SET checksum = repeat('0', 64) WHERE version = 1");
  EXPECT_EQ(call({"migrate", "--dry-run"}).code, 65);
  EXPECT_EQ(call({"migrate"}).code, 65);
}

TEST_F(ProgramWithDatabase, MakesAnAccountWithItsEntryInOneTransaction) {
  set_up();
  const auto made = call({"user", "create", "Amara", "--role", "moderator", "--email", "Amara@Clinic.example",
                          "--first-name", "Amara", "--password-stdin"},
                         std::string(good_password) + "\n");
  ASSERT_EQ(made.code, 0) << made.output;
  EXPECT_TRUE(made.output.starts_with("made account Amara (")) << made.output;
  EXPECT_EQ(database_.ask_as_superuser(
                "SELECT concat_ws(' ', username, email, first_name, r.name, status, force_password_change, "
                "left(password_hash, 10)) FROM users u JOIN roles r ON r.id = u.role_id WHERE username = 'Amara'"),
            "Amara amara@clinic.example Amara moderator active t $argon2id$");
  EXPECT_EQ(database_.ask_as_superuser(
                "SELECT concat_ws(' ', action, details->>'role', details->>'origin', details ? 'osUser', "
                "user_id IS NULL, xmin = (SELECT xmin FROM users WHERE username = 'Amara')) FROM audit_logs "
                "WHERE action = 'user_created' ORDER BY seq DESC LIMIT 1"),
            "user_created moderator cli t t t");
  EXPECT_EQ(made.output.find(good_password), std::string::npos);

  const auto json = call({"--json", "user", "create", "ben", "--no-force-change", "--password-stdin"},
                         std::string(good_password) + "\n");
  EXPECT_EQ(json.code, 0) << json.output;
  EXPECT_TRUE(json.output.starts_with(R"({"id":")")) << json.output;
  EXPECT_NE(json.output.find(R"("username":"ben","role":"user"})"), std::string::npos) << json.output;
}

TEST_F(ProgramWithDatabase, RefusesAnAccountAndLeavesNothing) {
  set_up();
  const auto count = [this] {
    return database_.ask_as_superuser(
        "SELECT concat_ws(' ', (SELECT count(*) FROM users), (SELECT count(*) FROM audit_logs "
        "WHERE action = 'user_created'))");
  };
  const auto before = count();
  const auto weak = call({"user", "create", "amara", "--password-stdin"}, "short\n");
  EXPECT_EQ(weak.code, 65);
  EXPECT_NE(weak.output.find("password: "), std::string::npos) << weak.output;
  EXPECT_EQ(call({"user", "create", "admin", "--password-stdin"}, std::string(good_password) + "\n").code,
            65);  // taken
  EXPECT_EQ(call({"user", "create", "a b", "--password-stdin"}, std::string(good_password) + "\n").code, 65);
  EXPECT_EQ(
      call({"user", "create", "amara", "--role", "emperor", "--password-stdin"}, std::string(good_password) + "\n")
          .code,
      65);
  EXPECT_EQ(call({"user", "create", "amara", "--password-stdin"}, "").code, 64);
  EXPECT_EQ(call({"--no-input", "user", "create", "amara"}, std::string(good_password) + "\n").code, 64);
  EXPECT_EQ(count(), before);
}

TEST_F(ProgramWithDatabase, EndsWithTheCodeOfItsFailure) {
  set_up();
  const auto unexpected = call({"serve"}, "", {{"INSTANCE_NAME", "throws"}});
  EXPECT_EQ(unexpected.code, 70);
  EXPECT_EQ(unexpected.output.find("canary"), std::string::npos) << unexpected.output;
  const auto away = call({"migrate"}, "", {{"DB_PORT", "1"}});
  EXPECT_EQ(away.code, 69) << away.output;
  const auto certificate = home() / "tls" / "pair.pem";
  std::ofstream(certificate) << "x";
  chmod(certificate.c_str(), 0600);
  if (geteuid() == 0) EXPECT_EQ(chown(certificate.c_str(), getpwnam("postgres")->pw_uid, 0), 0);
  const Variables tls{{"TLS_CERT_FILE", certificate}, {"TLS_KEY_FILE", certificate}};
  for (const char* command : {"serve", "check"}) {
    const auto arguments = std::string(command) == "serve" ? std::vector<std::string>{"serve"}
                                                           : std::vector<std::string>{"config", "check"};
    const auto refused = call(arguments, "", tls);
    EXPECT_EQ(refused.code, 78) << refused.output;
    EXPECT_NE(refused.output.find("TLS_CERT_FILE certificate and key do not match"), std::string::npos)
        << refused.output;
  }
}

// A person at a terminal: asked twice, nothing echoed, the two must agree.
struct PromptCase {
  const char* name;
  std::string second;
  int code;
};
class Prompt : public ProgramWithDatabase, public testing::WithParamInterface<PromptCase> {};

TEST_P(Prompt, AsksTwiceWithoutEcho) {
  set_up();
  int terminal = -1;
  std::fflush(nullptr);
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (chdir("/") != 0) _exit(1);
    run_in_child({"--home", home(), "user", "create", "amara"}, environment_);
  }
  std::string screen;
  std::array<char, 1024> buffer{};
  const auto read_until = [&](const std::string& text) {
    while (!screen.contains(text)) {
      const auto bytes = read(terminal, buffer.data(), buffer.size());
      if (bytes <= 0) return;  // the program has ended
      screen.append(buffer.data(), static_cast<std::size_t>(bytes));
    }
  };
  const auto type = [&](const std::string& text) {
    EXPECT_EQ(write(terminal, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  };
  read_until("New password for amara: ");
  type(std::string(good_password) + "\n");
  read_until("Again: ");
  type(GetParam().second);
  read_until("never printed");  // to the end
  int status = 0;
  waitpid(child, &status, 0);
  close(terminal);
  EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), GetParam().code) << screen;
  EXPECT_EQ(screen.find(good_password), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(, Prompt,
                         testing::Values(PromptCase{"same", std::string(good_password) + "\n", 0},
                                         PromptCase{"different", "Something-Else-9\n", 64},
                                         PromptCase{"interrupted", "\x03", 128 + SIGINT}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace mcp::cli
