// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the home: private to its user, one server at a time, chain ids that are never lost silently.
#include "operations/home.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <optional>

#include "operations/failure.hpp"
#include "operations/temporary_folder_test.hpp"

namespace mcp::operations {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

template <class Act>
std::optional<Failure> failure_of(Act act) {
  try {
    act();
  } catch (const Failure& failure) {
    return failure;
  }
  return std::nullopt;
}

TEST(Home, IsMadeWithTheModesOfTheContractWhateverTheUmask) {
  const TemporaryFolder folder;
  for (const mode_t mask : {0U, 0077U}) {
    const fs::path root = folder.path() / std::to_string(mask);
    const mode_t before = ::umask(mask);
    const Home home = Home::create(root);
    ::umask(before);
    EXPECT_EQ(mode_of(root), 0700U);
    for (const auto* name : {"keys", "tls", "pg", "exports", "backups", "outbox"})
      EXPECT_EQ(mode_of(root / name), 0700U);
    for (const auto* name : {"logs", "logs/admin", "logs/audit", "run"}) EXPECT_EQ(mode_of(root / name), 0750U);
  }
}

TEST(Home, IsNarrowedWhenItExistsAndKeptOtherwise) {
  const TemporaryFolder folder;
  const fs::path root = folder.path() / "home";
  fs::create_directory(root);
  ASSERT_EQ(::chmod(root.c_str(), 0755), 0);
  std::ofstream(root / "config.json") << "{}";
  const Home home = Home::create(root.string() + "/");
  EXPECT_EQ(home.root(), root);
  EXPECT_EQ(mode_of(root), 0700U);
  EXPECT_TRUE(fs::exists(home.config_file()));
}

TEST(Home, IsNotInventedByCommandsThatNeedOne) {
  const TemporaryFolder folder;
  const auto failure = failure_of([&] { Home::open(folder.path() / "none"); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code(), ExitCode::configuration);
  EXPECT_FALSE(fs::exists(folder.path() / "none"));
}

TEST(Instance, KeepsItsChainsAndRefusesADamagedFile) {
  const TemporaryFolder folder;
  const Home home = Home::create(folder.path() / "home");
  const Instance first = read_or_make_instance(home);
  const Instance second = read_or_make_instance(home);
  EXPECT_EQ(first.server_chain, second.server_chain);
  EXPECT_EQ(first.command_chain, second.command_chain);
  EXPECT_NE(first.server_chain, first.command_chain);
  EXPECT_EQ(mode_of(home.instance_file()), 0600U);
  for (const auto* damaged : {"", "serverChain=x\ncommandChain=y\n", "serverChain=\n"}) {
    write_file(home.instance_file(), damaged, 0600);
    const auto failure = failure_of([&] { read_or_make_instance(home); });
    ASSERT_TRUE(failure) << damaged;
    EXPECT_EQ(failure->code(), ExitCode::data);
  }
}

TEST(ServingLock, AllowsOneServerAndNamesTheOther) {
  const TemporaryFolder folder;
  const Home home = Home::create(folder.path() / "home");
  {
    const ServingLock lock(home);
    EXPECT_FALSE(lock.previous_stop_was_unclean());
    EXPECT_EQ(mode_of(home.pid_file()), 0640U);
    EXPECT_EQ(mode_of(home.lock_file()), 0640U);
    const auto failure = failure_of([&] { ServingLock second(home); });
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code(), ExitCode::try_later);
    EXPECT_NE(std::string(failure->what()).find("process " + std::to_string(::getpid())), std::string::npos);
    EXPECT_TRUE(fs::exists(home.pid_file())) << "the refused one must not remove the pid file of the other";
  }
  EXPECT_FALSE(fs::exists(home.pid_file()));
  EXPECT_FALSE(ServingLock(home).previous_stop_was_unclean());
}

// What a holder of the lock does, in order, and what the next one finds.
struct Ending {
  const char* name;
  bool serves;
  bool stops_cleanly;
  bool was_unclean_before;
  bool is_unclean_after;
};
class ServingEndings : public testing::TestWithParam<Ending> {};

TEST_P(ServingEndings, AreToldToTheNextServer) {
  const auto& ending = GetParam();
  const TemporaryFolder folder;
  const Home home = Home::create(folder.path() / "home");
  if (ending.was_unclean_before) write_file(home.pid_file(), "1\n", 0640);
  {
    ServingLock lock(home);
    EXPECT_EQ(lock.previous_stop_was_unclean(), ending.was_unclean_before);
    if (ending.serves) lock.starts_serving();
    if (ending.stops_cleanly) lock.stopped_cleanly();
  }
  EXPECT_EQ(ServingLock(home).previous_stop_was_unclean(), ending.is_unclean_after);
}

INSTANTIATE_TEST_SUITE_P(, ServingEndings,
                         testing::Values(Ending{"stopped", true, true, false, false},
                                         Ending{"stopped_after_a_crash", true, true, true, false},
                                         Ending{"ended_by_an_exception", true, false, false, true},
                                         Ending{"never_started", false, false, false, false},
                                         Ending{"never_started_after_a_crash", false, false, true, true}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(ServingLock, IsFreeAfterItsHolderWasKilledAndTellsSo) {
  const TemporaryFolder folder;
  const Home home = Home::create(folder.path() / "home");
  in_process([&] {
    const pid_t victim = ::fork();
    if (victim == 0) {
      const ServingLock lock(home);
      ::raise(SIGKILL);
    }
    ::waitpid(victim, nullptr, 0);
  });
  const ServingLock lock(home);
  EXPECT_TRUE(lock.previous_stop_was_unclean());
}

TEST(FileLock, IsNotInheritedByProgramsThatAreStarted) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "lock";
  pid_t sleeper = 0;
  {
    const FileLock lock = FileLock::acquire(file, std::chrono::milliseconds{0}, "busy");
    sleeper = ::fork();
    if (sleeper == 0) {
      ::execl("/bin/sleep", "sleep", "60", nullptr);
      ::_exit(127);
    }
    // The lock is free once exec() has happened, which the name of the process tells.
    std::string name;
    while (name != "sleep") std::ifstream("/proc/" + std::to_string(sleeper) + "/comm") >> name;
  }
  EXPECT_FALSE(failure_of([&] { FileLock::acquire(file, std::chrono::milliseconds{0}, "busy"); }));
  ::kill(sleeper, SIGKILL);
  ::waitpid(sleeper, nullptr, 0);
}

}  // namespace
}  // namespace mcp::operations
