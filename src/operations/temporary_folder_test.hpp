// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

// For the tests of this folder: a scratch folder, and a process that is not root.

#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>

namespace mcp::operations {

// Removed at the end, with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = "/tmp/mcp-test-operations.XXXXXX";
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    EXPECT_FALSE(path_.empty());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The user that tests of root's own work become: PostgreSQL's, which every machine with its server has.
inline const passwd* ordinary_user() {
  static std::array<char, 4096> memory;
  static passwd entry;
  static passwd* found = nullptr;
  if (found == nullptr) ::getpwnam_r("postgres", &entry, memory.data(), memory.size(), &found);
  return found;
}

// Gives a folder to that user when the tests run as root.
inline void give_to_ordinary_user(const std::filesystem::path& folder) {
  if (::geteuid() == 0) EXPECT_EQ(::chown(folder.c_str(), ordinary_user()->pw_uid, ordinary_user()->pw_gid), 0);
}

// Runs the body in a process of its own and fails when an expectation in it does, it throws, or it is killed.
inline void in_process(const std::function<void()>& body) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    try {
      body();
    } catch (const std::exception& exception) {
      ADD_FAILURE() << exception.what();
    }
    std::fflush(nullptr);
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the process above failed, status " << status;
}

// The same, not as root: PostgreSQL refuses to run as root.
inline void in_ordinary_process(const std::function<void()>& body) {
  in_process([&body] {
    if (::geteuid() == 0) {
      const passwd* user = ordinary_user();
      ASSERT_NE(user, nullptr);
      ASSERT_EQ(::initgroups(user->pw_name, user->pw_gid), 0);
      ASSERT_EQ(::setresgid(user->pw_gid, user->pw_gid, user->pw_gid), 0);
      ASSERT_EQ(::setresuid(user->pw_uid, user->pw_uid, user->pw_uid), 0);
    }
    body();
  });
}

}  // namespace mcp::operations
