// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace mcp::operations {

// The very first thing the program does, before any thread, file or listener: started by root it becomes the service
// user for good (contract-config 4, "Root"): the owner of the home, or `user_name` where the home is missing or root's;
// then the home folder is made for it. Started by anybody else it changes nothing but still checks that the home can be
// reached.
//   home      as configured, may be relative to the working directory
//   returns   the home as an absolute path: the service user may be unable to look at the working directory
//   throws    Failure{not_permitted}: no such user, or a folder on the way that blocks it (named)
std::filesystem::path become_service_user(const std::filesystem::path& home,
                                          const std::string& user_name = "mcp-messenger");

// The login name of the user that started the command, for audit entries of the command line: SUDO_USER's is not
// believed, the real user id before become_service_user() is. Call before it.
std::string calling_user();

}  // namespace mcp::operations
