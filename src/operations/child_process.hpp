// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mcp::operations {

struct Program {
  std::filesystem::path file;
  std::vector<std::string> arguments;  // without the program's own name
  std::filesystem::path output;        // standard output and error are appended here; /dev/null when empty
  int death_signal = 0;                // sent to it when the thread that started it ends; 0: none
};

// A program run beside this one, in a session of its own (the terminal's Ctrl-C does not reach it), with an environment
// of its own (no secret of ours), without our descriptors. One thread starts, polls and signals it: the death signal
// follows the thread that started it, so that thread must live as long as the process. Destroyed while it runs, it is
// killed.
class ChildProcess {
 public:
  // Throws Failure{system} when it cannot be started.
  explicit ChildProcess(const Program& program);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  // Asks the kernel without waiting. The status is that of waitpid(2), kept once known.
  std::optional<int> exit_status();
  bool is_running() { return !exit_status(); }
  void signal(int number);
  // False when it still runs at the deadline.
  bool wait_until(std::chrono::steady_clock::time_point deadline);

 private:
  void kill_now() noexcept;

  pid_t pid_ = -1;
  std::optional<int> status_;
};

// Waits for the end of any process. False when it still runs at the deadline, or may not be looked at.
bool has_ended_by(pid_t pid, std::chrono::steady_clock::time_point deadline);

// As process 1 of a container this process inherits whatever lost its parent, as the last processes of a killed
// database server do; this takes note of those that have ended. Nothing to do otherwise. Takes note of children of
// ours, too: ask them first.
void reap_orphans();

// Lets some time pass where the kernel offers nothing to wait for.
void pause_for(std::chrono::milliseconds time);

// "exit code 1" or "signal 9".
std::string describe_exit(int status);

}  // namespace mcp::operations
