// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/id.hpp"
#include "operations/durable_file.hpp"

namespace mcp::operations {

// MESSENGER_HOME and where things lie in it (contract-config 5).
class Home {
 public:
  // Makes the folder and its sub-folders where they are missing, with their modes, and narrows the folder itself to
  // 0700. Throws Failure{cannot_create}; Failure{not_permitted} when the folder is somebody else's.
  static Home create(std::filesystem::path root);
  // An existing home, with what sub-folders it lacks (a container's empty volume). Throws Failure{configuration} naming
  // `setup` when there is none.
  static Home open(std::filesystem::path root);

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path env_file() const { return root_ / ".env"; }
  std::filesystem::path config_file() const { return root_ / "config.json"; }
  std::filesystem::path instance_file() const { return root_ / "instance"; }
  std::filesystem::path setup_token_file() const { return root_ / "setup-token"; }
  std::filesystem::path keys() const { return root_ / "keys"; }
  std::filesystem::path tls() const { return root_ / "tls"; }
  std::filesystem::path pg() const { return root_ / "pg"; }
  std::filesystem::path logs() const { return root_ / "logs"; }
  std::filesystem::path admin_logs() const { return root_ / "logs" / "admin"; }
  std::filesystem::path audit_logs() const { return root_ / "logs" / "audit"; }
  std::filesystem::path exports() const { return root_ / "exports"; }
  std::filesystem::path backups() const { return root_ / "backups"; }
  std::filesystem::path outbox() const { return root_ / "outbox"; }
  std::filesystem::path lock_file() const { return root_ / "run" / "lock"; }
  std::filesystem::path pid_file() const { return root_ / "run" / "messenger.pid"; }

 private:
  explicit Home(std::filesystem::path root) : root_(std::move(root)) {}
  void make_folders() const;

  std::filesystem::path root_;  // absolute
};

// The audit chains of this home, from its file `instance`.
struct Instance {
  ChainId server_chain;   // of `serve`
  ChainId command_chain;  // of the command line
};

// Reads the file; makes it at the first start. Throws Failure{data} when it is damaged: chains are never invented anew
// over an unreadable file.
Instance read_or_make_instance(const Home& home);

// A file that one process at a time holds; given back when this dies, the process too. Not inherited by programs it
// runs.
class FileLock {
 public:
  // Waits up to `wait` for it. Throws Failure{try_later} with `busy` when somebody else keeps it.
  static FileLock acquire(const std::filesystem::path& file, std::chrono::milliseconds wait, const std::string& busy);
  // Nothing when somebody else holds it now.
  static std::optional<FileLock> try_acquire(const std::filesystem::path& file);

  // What others may read in the file while this holds it.
  void write_note(std::string_view text);

 private:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}

  Descriptor file_;
};

// One `serve` per home. Holds run/lock and keeps run/messenger.pid; Failure{try_later} names the other process.
//
// The pid file tells the next server how this one ended: it goes only after a stop that stands in the audit trail. A
// server that never got so far as to serve leaves what its forerunner had left.
class ServingLock {
 public:
  explicit ServingLock(const Home& home);
  ~ServingLock();
  ServingLock(const ServingLock&) = delete;
  ServingLock& operator=(const ServingLock&) = delete;

  // Did the server before this one end without removing its pid file: server_started {previousStop:"unclean"}?
  bool previous_stop_was_unclean() const { return previous_stop_was_unclean_; }
  // Before server_started is written.
  void starts_serving() { owes_a_stop_ = true; }
  // server_stopped is durable.
  void stopped_cleanly() { owes_a_stop_ = false; }

 private:
  FileLock lock_;
  std::filesystem::path pid_file_;
  bool previous_stop_was_unclean_;
  bool owes_a_stop_;
};

// Everything the process makes from here on is for its own user alone (umask 0077).
void restrict_new_files();

}  // namespace mcp::operations
