// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "cli/version.hpp"

#include <fmt/format.h>

#include <boost/version.hpp>

#include "core/version.hpp"
#include "crypto/library_versions.hpp"
#include "db/library_version.hpp"

namespace mcp::cli {

std::vector<std::pair<std::string, std::string>> version_facts() {
  return {{"version", std::string(version)},
          {"commit", version_commit.empty() ? "unknown" : std::string(version_commit)},
          {"compiler", __VERSION__},
          {"boost", fmt::format("{}.{}.{}", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100)},
          {"openssl", crypto::openssl_version()},
          {"libsodium", crypto::libsodium_version()},
          {"libpq", db::libpq_version()}};
}

}  // namespace mcp::cli
