// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/secret.hpp"

namespace mcp::cli {

// One line of standard input, without its line feed; at most 4 KiB. Nothing at the end of the input.
std::optional<Secret> read_line_of_input();

// Asks at the terminal (/dev/tty) without echo. A signal that arrives meanwhile takes effect after the echo is back.
//   throws   Failure{usage} when there is no terminal
Secret ask_secret(const std::string& prompt);

// The new password of an account: from standard input, or asked for twice.
//   throws   Failure{usage}: nothing on standard input, prompting is not allowed or not possible, the two differ
Secret read_new_password(bool from_stdin, bool may_prompt, const std::string& whose);

}  // namespace mcp::cli
