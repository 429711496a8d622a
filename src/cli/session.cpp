// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"

#include <chrono>

#include "core/version.hpp"
#include "operations/external_database.hpp"

namespace mcp::cli {
namespace {

constexpr std::chrono::minutes cluster_patience{2};  // recovery after a crash may take its time

}  // namespace

operations::CommandLine Session::command_line(const config::Config& config) const {
  return {.os_user = os_user, .instance_name = config.server.instance_name, .version = std::string(version)};
}

DatabasePlace::DatabasePlace(const config::Config& config, const operations::Home& home) : database_(config.database) {
  if (!database_.is_private) return;
  cluster_.emplace(operations::PrivateCluster::join(home));
  cluster_->start();
  cluster_->wait_ready(cluster_patience);
}

operations::DatabaseAccess DatabasePlace::access() const {
  if (cluster_) return {.owner = cluster_->owner(), .serving = cluster_->serving()};
  return operations::external_access(database_);
}

}  // namespace mcp::cli
