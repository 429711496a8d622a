// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the private database: reachable over its socket with a password alone, back after any death, never an
// orphan. Each scenario runs in a process of its own that is not root, on one cluster that is made once.
#include "operations/private_cluster.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "db/fault.hpp"
#include "operations/cluster_files.hpp"
#include "operations/failure.hpp"
#include "operations/temporary_folder_test.hpp"

namespace mcp::operations {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::chrono::seconds patience{60};

bool holds_within(std::chrono::seconds limit, const std::function<bool()>& claim) {
  const auto deadline = steady_clock::now() + limit;
  while (!claim()) {
    if (steady_clock::now() >= deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

void run(asio::io_context& context, Task<> task) {
  std::exception_ptr failure;
  asio::co_spawn(context, std::move(task), [&](std::exception_ptr thrown) { failure = std::move(thrown); });
  context.restart();
  context.run();
  if (failure) std::rethrow_exception(failure);
}

constexpr db::Statement ask{"test.ask", "SELECT current_user::text, current_setting('data_checksums')"};

Task<> expect_login(Executor executor, db::Address address, std::string user) {
  db::Link link(executor, std::move(address), {});
  co_await link.connect();
  std::vector<db::Command> commands;
  commands.push_back({&ask, {}});
  const auto answers = co_await link.run(std::move(commands));
  EXPECT_EQ(answers[0][0].get<std::string>(0), user);
  EXPECT_EQ(answers[0][0].get<std::string>(1), "on");
}

Task<> expect_no_login(Executor executor, db::Address address) {
  db::Link link(executor, std::move(address), {});
  bool refused = false;
  try {
    co_await link.connect();
  } catch (const db::Fault&) {
    refused = true;
  }
  EXPECT_TRUE(refused);
}

Task<> run_as(Executor executor, db::Address address, std::string sql) {
  db::Link link(executor, std::move(address), {});
  co_await link.connect();
  co_await link.run_script(std::move(sql));
}

std::string text_of(const fs::path& folder) {
  std::string text;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream file(entry.path());
    text.append(std::istreambuf_iterator<char>(file), {});
  }
  return text;
}

class PrivateClusterTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    give_to_ordinary_user(folder_->path());
    in_ordinary_process([] {
      auto cluster = PrivateCluster::provision(Home::create(root()));
      cluster.start();
      cluster.wait_ready(patience);
      asio::io_context context;
      run(context, make_roles_and_database(context.get_executor(), cluster.roles()));
      cluster.stop();
    });
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static fs::path root() { return folder_->path() / "home"; }
  static Home home() { return Home::open(root()); }
  static ClusterFiles files() { return ClusterFiles(home()); }

  static PrivateCluster running() {
    auto cluster = PrivateCluster::open(home());
    cluster.start();
    cluster.wait_ready(patience);
    return cluster;
  }

 private:
  static inline TemporaryFolder* folder_ =
      nullptr;  // NOLINT(cppcoreguidelines-owning-memory): lives as long as the suite
};

TEST_F(PrivateClusterTest, LetsEachRoleInByItsPasswordOverASocketOnly) {
  in_ordinary_process([] {
    auto cluster = running();
    asio::io_context context;
    const auto executor = context.get_executor();
    run(context, expect_login(executor, cluster.owner(), "mcp_messenger_owner"));
    run(context, expect_login(executor, cluster.serving(), "mcp_messenger_app"));
    auto wrong = cluster.serving();
    wrong.password = Secret("wrong");
    run(context, expect_no_login(executor, std::move(wrong)));
    auto none = cluster.serving();
    none.password = Secret();
    run(context, expect_no_login(executor, std::move(none)));
    auto elsewhere = cluster.serving();
    elsewhere.database = "postgres";
    run(context, expect_no_login(executor, std::move(elsewhere)));
    auto over_network = cluster.serving();
    over_network.host = "127.0.0.1";
    run(context, expect_no_login(executor, std::move(over_network)));
    // Made again on a running cluster, nothing changes.
    run(context, make_roles_and_database(executor, cluster.roles()));
    run(context, expect_login(executor, cluster.serving(), "mcp_messenger_app"));
  });
}

TEST_F(PrivateClusterTest, KeepsItsFilesPrivateAndItsPasswordsThere) {
  in_ordinary_process([] {
    for (const auto& path : {files().folder, files().data, files().sockets, files().logs}) {
      struct stat status{};
      ASSERT_EQ(::stat(path.c_str(), &status), 0);
      EXPECT_EQ(status.st_mode & 07777, 0700U) << path;
    }
    struct stat status{};
    ASSERT_EQ(::stat(files().credentials.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600U);
    EXPECT_FALSE(fs::exists(files().folder / "initdb-password"));
  });
}

TEST_F(PrivateClusterTest, WritesNoValueIntoItsLog) {
  in_ordinary_process([] {
    auto cluster = running();
    asio::io_context context;
    const auto executor = context.get_executor();
    const auto expect_fault = [&](const std::string& sql) {
      EXPECT_THROW(run(context, run_as(executor, cluster.owner(), sql)), db::Fault);
    };
    run(context, run_as(executor, cluster.owner(), "CREATE TABLE canary (word TEXT UNIQUE, n INT CHECK (n < 5))"));
    run(context, run_as(executor, cluster.owner(), "INSERT INTO canary VALUES ('canary-7f3a', 1)"));
    expect_fault("INSERT INTO canary VALUES ('canary-7f3a', 1)");      // DETAIL: Key (word)=(canary-7f3a)
    expect_fault("INSERT INTO canary VALUES ('canary-7f3a-row', 9)");  // DETAIL: Failing row contains
    expect_fault("SELECT 'canary-7f3a-syntax' FROM no_such_table");
    run(context, run_as(executor, cluster.owner(), "DROP TABLE canary"));
    cluster.stop();
    const std::string log = text_of(files().logs);
    EXPECT_NE(log.find("ERROR"), std::string::npos) << "the errors themselves belong into the log";
    EXPECT_EQ(log.find("canary-7f3a"), std::string::npos);
  });
}

TEST_F(PrivateClusterTest, ComesBackAfterItsServerWasKilled) {
  in_ordinary_process([] {
    auto cluster = running();
    asio::io_context context;
    run(context, run_as(context.get_executor(), cluster.owner(), "CREATE TABLE kept AS SELECT 1 AS n"));
    const pid_t first = cluster.server_pid();
    ASSERT_EQ(::kill(first, SIGKILL), 0);
    ASSERT_TRUE(holds_within(patience, [&] { return cluster.server_pid() == 0; }));
    const auto delay = cluster.poll();
    ASSERT_TRUE(delay.has_value());
    EXPECT_GT(delay->count(), 0);
    cluster.wait_ready(patience);  // drives poll(); the first tries are refused while old processes end
    EXPECT_NE(cluster.server_pid(), first);
    run(context, run_as(context.get_executor(), cluster.owner(), "DROP TABLE kept"));
  });
}

TEST_F(PrivateClusterTest, IsTriedAgainWhenTheMachineCannotStartItNow) {
  in_ordinary_process([] {
    auto cluster = running();
    // No file can be opened there, as on a full disk or without free descriptors.
    fs::remove(files().startup_log);
    fs::create_directory(files().startup_log);
    ASSERT_EQ(::kill(cluster.server_pid(), SIGKILL), 0);
    ASSERT_TRUE(holds_within(patience, [&] { return cluster.server_pid() == 0; }));
    const auto first = cluster.poll();
    ASSERT_TRUE(first.has_value());
    // Only a try that failed lengthens the wait.
    EXPECT_TRUE(holds_within(patience, [&] {
      const auto next = cluster.poll();
      return next && *next > *first;
    }));
    EXPECT_EQ(cluster.server_pid(), 0);
    fs::remove(files().startup_log);
    cluster.wait_ready(patience);
    EXPECT_NE(cluster.server_pid(), 0);
  });
}

TEST_F(PrivateClusterTest, EndsWithTheProcessThatDrivesItEvenWhenThatIsKilled) {
  in_ordinary_process([] {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // the orphan comes to us, so that its end is seen
    const pid_t driver = ::fork();
    if (driver == 0) {
      auto cluster = running();
      while (true) ::pause();
    }
    ASSERT_TRUE(holds_within(patience, [] {
      const auto status = read_server_status(files());
      return status && status->is_ready;
    }));
    const pid_t server = read_server_status(files())->pid;
    ASSERT_TRUE(is_server_of(server, files()));
    ::kill(driver, SIGKILL);
    ::waitpid(driver, nullptr, 0);
    const bool has_ended = has_ended_by(server, steady_clock::now() + patience);
    EXPECT_TRUE(has_ended) << "an orphan";
    if (!has_ended) ::kill(server, SIGQUIT);
    ::waitpid(server, nullptr, 0);
    auto cluster = running();  // and the next one starts
    EXPECT_NE(cluster.server_pid(), server);
  });
}

TEST_F(PrivateClusterTest, ShutsALeftoverServerDownBeforeItStarts) {
  in_ordinary_process([] {
    // A server nobody drives, as if the death signal had never come.
    make_socket_folder(files());
    write_settings(files(), files().data_major());
    ChildProcess leftover({.file = postgres_of_major(files().data_major()).folder / "postgres",
                           .arguments = {"-D", files().data.string()},
                           .output = files().startup_log,
                           .death_signal = 0});
    ASSERT_TRUE(holds_within(patience, [&] {
      const auto status = read_server_status(files());
      return status && status->pid == leftover.pid() && status->is_ready;
    }));
    auto cluster = running();
    EXPECT_FALSE(leftover.is_running());
    EXPECT_NE(cluster.server_pid(), leftover.pid());
  });
}

TEST_F(PrivateClusterTest, StopsOnlyWhenItsDriverSaysSoNotWithTheTerminal) {
  in_ordinary_process([] {
    auto cluster = running();
    EXPECT_NE(::getsid(cluster.server_pid()), ::getsid(0))
        << "Ctrl-C would reach the database before the server has drained";
    const pid_t server = cluster.server_pid();
    cluster.stop();
    EXPECT_FALSE(is_server_of(server, files()));
    EXPECT_FALSE(fs::exists(files().data / "postmaster.pid")) << "a clean stop removes it";
  });
}

TEST_F(PrivateClusterTest, IsJoinedByACommandWhileItIsDrivenAndDrivenByItOtherwise) {
  in_ordinary_process([] {
    auto driver = running();
    {
      auto command = PrivateCluster::join(home());
      EXPECT_FALSE(command.is_driver());
      command.start();
      command.wait_ready(patience);
      asio::io_context context;
      run(context, expect_login(context.get_executor(), command.serving(), "mcp_messenger_app"));
    }
    EXPECT_NE(driver.server_pid(), 0) << "a joined cluster is not stopped";
    driver.stop();
    auto command = PrivateCluster::join(home());
    EXPECT_TRUE(command.is_driver());
    command.start();
    command.wait_ready(patience);
    EXPECT_NE(command.server_pid(), 0);
  });
}

TEST_F(PrivateClusterTest, IsDrivenByOneCommandAfterTheOther) {
  in_ordinary_process([] {
    std::array<int, 2> go{};
    ASSERT_EQ(::pipe(go.data()), 0);
    const pid_t waiting = ::fork();  // before the lock is held: a fork shares it
    if (waiting == 0) {
      char byte = 0;
      if (::read(go[0], &byte, 1) != 1) ::_exit(2);
      auto second = PrivateCluster::join(home());
      ::_exit(second.is_driver() ? 0 : 1);
    }
    auto first = PrivateCluster::join(home());
    first.start();
    first.wait_ready(patience);
    ASSERT_EQ(::write(go[1], "g", 1), 1);
    // It waits for its turn: an ended cluster would break what it does.
    EXPECT_FALSE(has_ended_by(waiting, steady_clock::now() + std::chrono::milliseconds{300}));
    first.stop();
    int status = 0;
    ASSERT_EQ(::waitpid(waiting, &status, 0), waiting);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  });
}

TEST_F(PrivateClusterTest, LeavesNoZombiesBehindAsProcessOne) {
  in_ordinary_process([] {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // what process 1 of a container is
    auto cluster = running();
    const pid_t parent = ::fork();
    if (parent == 0) {
      if (::fork() == 0) ::_exit(0);  // its parent ends first or not: either way it comes to us
      ::_exit(0);
    }
    EXPECT_TRUE(holds_within(patience, [&] {
      cluster.poll();
      siginfo_t info{};  // an ended child that nobody took note of; the database itself still runs
      return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0 && ::kill(parent, 0) != 0;
    }));
    EXPECT_NE(cluster.server_pid(), 0);
  });
}

TEST_F(PrivateClusterTest, SurvivesASetUpThatWasCutShort) {
  TemporaryFolder other;
  give_to_ordinary_user(other.path());
  in_ordinary_process([&] {
    const Home fresh = Home::create(other.path() / "home");
    const ClusterFiles unfinished(fresh);
    fs::create_directories(unfinished.folder / "data.new" / "base");  // killed within initdb
    std::ofstream(unfinished.folder / "data.new" / "PG_VERSION") << "15\n";
    EXPECT_FALSE(PrivateCluster::exists(fresh));
    EXPECT_THROW(PrivateCluster::open(fresh), Failure);
    auto cluster = PrivateCluster::provision(fresh);
    cluster.start();
    cluster.wait_ready(patience);
    EXPECT_FALSE(fs::exists(unfinished.folder / "data.new"));
  });
}

TEST_F(PrivateClusterTest, UsesAShortSocketPathWhereTheHomeIsTooLong) {
  TemporaryFolder other;
  give_to_ordinary_user(other.path());
  in_ordinary_process([&] {
    const Home deep = Home::create(other.path() / std::string(60, 'a') / std::string(60, 'b'));
    auto cluster = PrivateCluster::provision(deep);
    EXPECT_LT(cluster.socket_folder().native().size(), 90U);
    cluster.start();
    cluster.wait_ready(patience);
    asio::io_context context;
    run(context, make_roles_and_database(context.get_executor(), cluster.roles()));
    run(context, expect_login(context.get_executor(), cluster.serving(), "mcp_messenger_app"));
    cluster.stop();
    // Somebody else's folder, or one open to others, is not trusted.
    ASSERT_EQ(::chmod(cluster.socket_folder().c_str(), 0755), 0);
    auto again = PrivateCluster::open(deep);
    EXPECT_THROW(again.start(), Failure);
    fs::remove_all(cluster.socket_folder());
  });
}

TEST_F(PrivateClusterTest, RefusesADataDirectoryOfAVersionThatIsNotInstalledAndSaysWhatToDo) {
  TemporaryFolder other;
  give_to_ordinary_user(other.path());
  in_ordinary_process([&] {
    const Home old = Home::create(other.path() / "home");
    const ClusterFiles there(old);
    fs::create_directories(there.data);
    std::ofstream(there.data / "PG_VERSION") << "9\n";
    make_passwords(there);
    try {
      PrivateCluster::open(old);
      ADD_FAILURE() << "not refused";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), ExitCode::unavailable);
      EXPECT_NE(std::string(failure.what()).find("pg_upgrade"), std::string::npos) << failure.what();
    }
  });
}

}  // namespace
}  // namespace mcp::operations
