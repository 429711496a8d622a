// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <expected>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "config/config.hpp"

// What the tests of this folder share: a home, and a configuration that is in order.
namespace mcp::config::testing_home {

namespace fs = std::filesystem;
using Variables = std::map<std::string, std::string>;

// Three good, different secrets; what the tests change starts from here.
inline constexpr const char* jwt_secret = "q7Zr1Xw9Kd4Tn8Vb2Lm6Ys3Hc5Gf0PjEaUoiB";
inline constexpr const char* encryption_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
inline constexpr const char* metadata_key = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

// A working directory with a home in it, and a configuration that is in order in development.
class TestHome : public testing::Test {
 protected:
  TestHome() {
    std::string pattern = fs::temp_directory_path() / "mcp-config.XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category());
    folder_ = pattern;
    fs::create_directory(home());
    chmod(home().c_str(), 0700);
    options_.working_directory = folder_;
    environment_ = {{"JWT_SECRET", jwt_secret}, {"ENCRYPTION_KEY", encryption_key}, {"METADATA_KEY", metadata_key}};
  }
  ~TestHome() override { fs::remove_all(folder_); }

  fs::path home() const { return folder_ / "var"; }
  fs::path write(const fs::path& name, std::string_view content, mode_t mode = 0600) const {
    const auto path = folder_ / name;
    std::ofstream(path) << content;
    chmod(path.c_str(), mode);
    return path;
  }
  std::expected<Config, std::vector<Problem>> loaded() const { return load(options_, Environment::of(environment_)); }

  // "VARIABLE: message" a line; empty when the configuration is accepted.
  std::string problems() const {
    const auto result = loaded();
    std::string text;
    if (!result) {
      for (const auto& problem : result.error()) text += problem.variable + ": " + problem.message + "\n";
    }
    return text;
  }
  std::string warnings() const {
    const auto result = loaded();
    std::string text;
    if (result) {
      for (const auto& warning : result->warnings) text += warning.variable + ": " + warning.message + "\n";
    }
    return text;
  }
  void be_in_production() {
    environment_["NODE_ENV"] = "production";
    environment_["HOST"] = "127.0.0.1";
  }

  fs::path folder_;
  LoadOptions options_;
  Variables environment_;
};

}  // namespace mcp::config::testing_home
