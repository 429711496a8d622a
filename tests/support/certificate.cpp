// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "support/certificate.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <vector>

namespace mcp::test {

TemporaryFolder::TemporaryFolder() : folder_((std::filesystem::temp_directory_path() / "mcp-test-XXXXXX").string()) {
  if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no temporary folder");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void make_certificate(const std::string& common_name, const std::string& certificate_file, const std::string& key_file,
                      KeyKind kind) {
  std::vector<std::string> words{"openssl", "req",    "-x509", "-nodes",
                                 "-days",   "2",      "-subj", "/CN=" + common_name,
                                 "-keyout", key_file, "-out",  certificate_file};
  if (kind == KeyKind::rsa) {
    words.insert(words.end(), {"-newkey", "rsa:2048"});
  } else {
    words.insert(words.end(), {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"});
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, "openssl", &quiet, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&quiet);
  int status = -1;
  if (failed != 0 || ::waitpid(child, &status, 0) != child || status != 0) {
    throw std::runtime_error("the openssl program made no certificate");
  }
}

}  // namespace mcp::test
