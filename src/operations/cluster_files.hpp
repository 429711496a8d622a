// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "core/secret.hpp"
#include "operations/home.hpp"
#include "operations/postgres_binaries.hpp"

namespace mcp::operations {

// Files of a private cluster: where they lie, what stands in them.
struct ClusterFiles {
  explicit ClusterFiles(const Home& home);

  std::filesystem::path folder;       // pg
  std::filesystem::path data;         // pg/data
  std::filesystem::path credentials;  // pg/credentials
  std::filesystem::path lock;         // pg/lock
  std::filesystem::path logs;         // pg/log
  std::filesystem::path startup_log;  // what the server says before it opens its own log
  std::filesystem::path sockets;      // pg/run, or a short path where that is too long for a socket's address

  bool has_data() const;  // complete: initdb's result is moved in place as its last step
  // Throws Failure{data} when the directory names none.
  int data_major() const;
};

struct ClusterPasswords {
  Secret superuser;
  Secret owner;
  Secret serving;
};

// Throws Failure{data} when the file is damaged, Failure{not_permitted} when others can read it; nothing when missing.
std::optional<ClusterPasswords> read_passwords(const ClusterFiles& files);
ClusterPasswords make_passwords(const ClusterFiles& files);

// Runs initdb (about 1.5 s) beside the place and moves the result into it.
void make_data_directory(const ClusterFiles& files, const PostgresBinaries& binaries, const Secret& superuser_password);

// Our settings, written anew before each start: the home may have moved, the program may know better ones.
void write_settings(const ClusterFiles& files, int major);

// Makes the socket folder, private. Throws Failure{not_permitted} when the short path is somebody else's.
void make_socket_folder(const ClusterFiles& files);

// What the running server wrote into postmaster.pid.
struct ServerStatus {
  pid_t pid = 0;
  bool is_ready = false;  // accepts connections
};
std::optional<ServerStatus> read_server_status(const ClusterFiles& files);

// Is that process a PostgreSQL server of exactly this data directory? A number alone may belong to anybody by now.
bool is_server_of(pid_t pid, const ClusterFiles& files);

}  // namespace mcp::operations
