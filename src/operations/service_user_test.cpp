// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects that nothing ever runs as root: the program becomes the service user for good, or refuses and says why.
// Tests of the change itself need root; run by somebody else they check that nothing changes.
#include "operations/service_user.hpp"

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <optional>

#include "operations/failure.hpp"
#include "operations/temporary_folder_test.hpp"

namespace mcp::operations {
namespace {

namespace fs = std::filesystem;

const char* const nobody_of_that_name = "mcp-no-such-user";

bool is_root() { return ::geteuid() == 0; }

void expect_refusal(const fs::path& home, const std::string& user, const std::string& named) {
  try {
    become_service_user(home, user);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::not_permitted);
    EXPECT_NE(std::string(failure.what()).find(named), std::string::npos) << failure.what();
    return;
  }
  ADD_FAILURE() << "not refused: " << home;
}

void expect_ordinary_for_good() {
  const passwd* user = ordinary_user();
  std::array<uid_t, 3> uids{};
  std::array<gid_t, 3> gids{};
  ASSERT_EQ(::getresuid(&uids[0], &uids[1], &uids[2]), 0);
  ASSERT_EQ(::getresgid(&gids[0], &gids[1], &gids[2]), 0);
  for (const auto uid : uids) EXPECT_EQ(uid, user->pw_uid);
  for (const auto gid : gids) EXPECT_EQ(gid, user->pw_gid);
  EXPECT_NE(::setuid(0), 0);
  std::array<gid_t, 64> groups{};
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  for (int i = 0; i < count; ++i) EXPECT_NE(groups.at(static_cast<std::size_t>(i)), 0U) << "still in root's group";
}

TEST(ServiceUser, BecomesTheOwnerOfTheHome) {
  const TemporaryFolder folder;
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  const fs::path home = folder.path() / "home";
  fs::create_directory(home);
  give_to_ordinary_user(home);
  const uid_t before = ::geteuid();
  in_process([&] {
    const std::array<gid_t, 2> roots_groups{0, 4};  // adm, as root of some machines is in
    if (before == 0) ASSERT_EQ(::setgroups(roots_groups.size(), roots_groups.data()), 0);
    EXPECT_EQ(become_service_user(home, nobody_of_that_name), home);
    if (before == 0) {
      expect_ordinary_for_good();
    } else {
      EXPECT_EQ(::geteuid(), before);
    }
  });
}

TEST(ServiceUser, MakesAMissingHomeForTheNamedUserAndTakesOverAnEmptyOneOfRoots) {
  const TemporaryFolder folder;
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  const fs::path missing = folder.path() / "a" / "b" / "home";
  const fs::path empty = folder.path() / "empty";
  fs::create_directory(empty);
  for (const auto& home : {missing, empty}) {
    in_process([&] {
      ::umask(0077);  // root's umask must not close the way to the home
      const bool was_root = is_root();
      EXPECT_EQ(become_service_user(home.string() + "/", "postgres"), home);
      if (!was_root) return;
      expect_ordinary_for_good();
      struct stat status{};
      ASSERT_EQ(::stat(home.c_str(), &status), 0);
      EXPECT_EQ(status.st_uid, ::geteuid());
      EXPECT_EQ(status.st_mode & 07777, 0700U);
      std::ofstream(home / "file") << "x";
      EXPECT_TRUE(fs::exists(home / "file"));
    });
  }
}

TEST(ServiceUser, NamesTheFolderThatBlocksTheWay) {
  const TemporaryFolder folder;  // 0700, root's: as a checkout under /root would be
  in_process([&] {
    if (!is_root()) {
      fs::create_directory(folder.path() / "closed");
      ASSERT_EQ(::chmod((folder.path() / "closed").c_str(), 0), 0);
      expect_refusal(folder.path() / "closed" / "home", "postgres", (folder.path() / "closed").string());
      return;
    }
    expect_refusal(folder.path() / "home", "postgres", "enter " + folder.path().string() + " ");
    EXPECT_EQ(::geteuid(), 0U);
    EXPECT_FALSE(fs::exists(folder.path() / "home")) << "nothing may be made in a place that is refused";
  });
}

TEST(ServiceUser, RefusesRootWhereThereIsNoServiceUserOrTheHomeIsRootsAndInUse) {
  const TemporaryFolder folder;
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  std::ofstream(folder.path() / "something") << "x";
  in_process([&] {
    if (!is_root()) {
      EXPECT_EQ(become_service_user(folder.path(), nobody_of_that_name), folder.path());
      return;
    }
    expect_refusal(folder.path(), nobody_of_that_name, nobody_of_that_name);
    expect_refusal(folder.path(), "root", "is root");
    expect_refusal(folder.path(), "postgres", "chown");
    EXPECT_EQ(::geteuid(), 0U);
  });
}

}  // namespace
}  // namespace mcp::operations
