// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>

namespace mcp::cli {

// What stands on the command line, before any of it is judged. Values that are configuration stay text: config/ has
// their rules.

struct GlobalFlags {
  std::optional<std::string> home;
  std::optional<std::string> config_file;
  std::optional<std::string> log_level;
  bool json = false;      // machine output on standard output
  bool quiet = false;     // nothing on standard output but what was asked for
  bool no_input = false;  // never prompt
};

struct Serve {
  std::optional<std::string> host;
  std::optional<std::string> port;
  std::optional<std::string> threads;
  bool migrate = false;
};

struct Setup {
  bool production = false;
  bool force = false;
  std::optional<std::string> admin_username;
  std::optional<std::string> admin_email;
};

struct Migrate {
  bool status = false;
  bool dry_run = false;
  int to = 0;  // 0: all
};

struct UserCreate {
  std::string name;
  std::string role;  // empty: the default role
  std::optional<std::string> email;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  bool password_stdin = false;
  bool force_password_change = true;
};

struct ConfigCheck {};

struct ConfigShow {
  bool origin = false;
};

struct Version {};

using Command = std::variant<Serve, Setup, Migrate, UserCreate, ConfigCheck, ConfigShow, Version>;

struct Invocation {
  GlobalFlags global;
  Command command;
};

}  // namespace mcp::cli
