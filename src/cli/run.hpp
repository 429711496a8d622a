// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "config/config.hpp"

namespace mcp::cli {

// What the command line runs but does not contain: app/ gives it.
struct Commands {
  // `serve`, on the main thread; returns the exit code. May throw what exit_code_of() knows.
  std::function<int(const config::Config&, bool migrate)> serve;
  // Throws std::runtime_error when certificate and key do not fit. Called with a configuration that names both.
  std::function<void(const config::Tls&)> check_certificate;
};

// The whole program: reads the command line, becomes the service user, reads the configuration, runs the command. Never
// throws; what goes wrong is said on standard error and told by the exit code (contract-config 4).
int run(int argc, char** argv, const Commands& commands);

}  // namespace mcp::cli
