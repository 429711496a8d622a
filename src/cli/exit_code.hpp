// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>

#include "operations/failure.hpp"

namespace mcp::cli {

using operations::ExitCode;

// How a failed command ends. `text` names no data: for an unexpected failure it holds a reference that the log line
// has, too.
struct Ending {
  ExitCode code = ExitCode::internal;
  std::string text;
};

// The one place where a failure becomes an exit code (contract-config 4, "Exit").
Ending ending_of(std::exception_ptr failure);

inline ExitCode exit_code_of(std::exception_ptr failure) { return ending_of(std::move(failure)).code; }

}  // namespace mcp::cli
