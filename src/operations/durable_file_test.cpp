// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects files of the home: whole or not at all, with the mode they need, and secrets only from private files.
#include "operations/durable_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "operations/failure.hpp"
#include "operations/temporary_folder_test.hpp"

namespace mcp::operations {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

template <class Act>
ExitCode code_of(Act act) {
  try {
    act();
  } catch (const Failure& failure) {
    return failure.code();
  }
  return ExitCode::done;
}

TEST(DurableFile, ReplacesTheWholeFileAndSetsItsModeWhateverTheUmask) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  std::ofstream(path) << "a longer text than the new one";
  const mode_t before = ::umask(0);
  write_file(path, "new", 0600);
  ::umask(before);
  EXPECT_EQ(read_file(path, 100), "new");
  EXPECT_EQ(mode_of(path), 0600U);
  write_file(path, "", 0640);
  EXPECT_EQ(read_file(path, 100), "");
  EXPECT_EQ(mode_of(path), 0640U);
}

TEST(DurableFile, LeavesTheOldFileAndNoRubbishWhenItCannotWrite) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "target";
  fs::create_directory(path);  // rename of a file onto a folder fails
  EXPECT_EQ(code_of([&] { write_file(path, "text", 0600); }), ExitCode::cannot_create);
  EXPECT_TRUE(fs::is_directory(path));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(DurableFile, SaysThatAFileIsMissingAndRefusesOneThatIsTooLarge) {
  const TemporaryFolder folder;
  EXPECT_FALSE(read_file(folder.path() / "none", 10).has_value());
  EXPECT_FALSE(read_secret_file(folder.path() / "none", 10).has_value());
  write_file(folder.path() / "ten", "0123456789", 0600);
  EXPECT_EQ(read_file(folder.path() / "ten", 10), "0123456789");
  EXPECT_EQ(code_of([&] { read_file(folder.path() / "ten", 9); }), ExitCode::data);
}

TEST(DurableFile, ReadsSecretsOnlyFromFilesThatNobodyElseCanRead) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "secret";
  write_file(path, "value", 0600);
  EXPECT_EQ(read_secret_file(path, 10)->reveal(), "value");
  for (const mode_t mode : {0640U, 0604U, 0620U, 0601U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_EQ(code_of([&] { read_secret_file(path, 10); }), ExitCode::not_permitted) << std::oct << mode;
  }
}

}  // namespace
}  // namespace mcp::operations
