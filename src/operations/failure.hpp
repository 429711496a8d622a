// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace mcp::operations {

// What the process ends with (contract-config 4).
enum class ExitCode : std::uint8_t {
  done = 0,
  negative = 1,  // ran, but the finding is negative
  usage = 64,
  data = 65,  // verification failed, damaged file or key
  no_input = 66,
  cannot_create = 73,
  io = 74,
  unavailable = 69,  // a needed service is away
  internal = 70,
  system = 71,     // address in use, descriptor limit, out of memory
  try_later = 75,  // somebody else holds a lock
  not_permitted = 77,
  configuration = 78,
};

// Ends a command. The text says what is wrong and what the operator can do; it never holds a secret.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace mcp::operations
