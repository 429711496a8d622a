// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "operations/durable_file.hpp"
#include "operations/failure.hpp"

namespace mcp::operations {
namespace {

constexpr int cannot_execute = 127;

// Everything the child needs, made before fork(): with other threads in the process only async-signal-safe calls are
// allowed between fork() and exec().
struct Prepared {
  std::string file;
  std::vector<std::string> words;
  std::vector<char*> arguments;
  std::array<std::string, 4> settings{"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC"};
  std::vector<char*> environment;
  int output = -1;
  int input = -1;
  int death_signal = 0;
  pid_t parent = 0;
};

// Runs in the child; never returns.
[[noreturn]] void become(const Prepared& prepared) noexcept {
  ::setsid();
  struct sigaction ordinary{};
  ordinary.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &ordinary, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  if (prepared.death_signal != 0) {
    ::prctl(PR_SET_PDEATHSIG, prepared.death_signal);
    if (::getppid() != prepared.parent) ::_exit(cannot_execute);  // died before the line above
  }
  ::dup2(prepared.input, 0);
  ::dup2(prepared.output, 1);
  ::dup2(prepared.output, 2);
  ::syscall(SYS_close_range, 3U, ~0U, 0U);  // ours are close-on-exec besides
  ::execve(prepared.file.c_str(), prepared.arguments.data(), prepared.environment.data());
  ::_exit(cannot_execute);
}

Descriptor open_output(const std::filesystem::path& path) {
  Descriptor output(path.empty() ? ::open("/dev/null", O_WRONLY | O_CLOEXEC)
                                 : ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!output.is_open()) {
    throw Failure(ExitCode::cannot_create,
                  "cannot open " + path.string() + ": " + std::generic_category().message(errno));
  }
  return output;
}

}  // namespace

ChildProcess::ChildProcess(const Program& program) {
  const Descriptor input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Descriptor output = open_output(program.output);
  Prepared prepared;
  prepared.file = program.file.string();
  prepared.words.push_back(prepared.file);  // the whole path: PostgreSQL finds its other files by it
  prepared.words.insert(prepared.words.end(), program.arguments.begin(), program.arguments.end());
  for (auto& word : prepared.words) prepared.arguments.push_back(word.data());
  prepared.arguments.push_back(nullptr);
  for (auto& setting : prepared.settings) prepared.environment.push_back(setting.data());
  prepared.environment.push_back(nullptr);
  prepared.input = input.get();
  prepared.output = output.get();
  prepared.death_signal = program.death_signal;
  prepared.parent = ::getpid();

  // No signal handler of ours may run in the child.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_ = ::fork();
  if (pid_ == 0) become(prepared);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid_ < 0) {
    throw Failure(ExitCode::system,
                  "cannot start " + program.file.string() + ": " + std::generic_category().message(error));
  }
}

ChildProcess::~ChildProcess() { kill_now(); }

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(std::exchange(other.status_, std::nullopt)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    kill_now();
    pid_ = std::exchange(other.pid_, -1);
    status_ = std::exchange(other.status_, std::nullopt);
  }
  return *this;
}

std::optional<int> ChildProcess::exit_status() {
  if (status_ || pid_ <= 0) return status_;
  int status = 0;
  pid_t reaped = 0;
  do {
    reaped = ::waitpid(pid_, &status, WNOHANG);
  } while (reaped < 0 && errno == EINTR);
  if (reaped == pid_) status_ = status;
  if (reaped < 0) status_ = 0;  // somebody else reaped it: it is gone, that is all one can know
  return status_;
}

void ChildProcess::signal(int number) {
  if (pid_ > 0 && is_running()) ::kill(pid_, number);
}

bool ChildProcess::wait_until(std::chrono::steady_clock::time_point deadline) {
  if (pid_ > 0 && is_running()) has_ended_by(pid_, deadline);
  return !is_running();
}

void ChildProcess::kill_now() noexcept {
  if (pid_ <= 0 || status_) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

bool has_ended_by(pid_t pid, std::chrono::steady_clock::time_point deadline) {
  const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process.is_open()) return errno == ESRCH;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd readable_at_its_end{.fd = process.get(), .events = POLLIN, .revents = 0};
    const int ready = ::poll(&readable_at_its_end, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return false;
  }
}

void reap_orphans() {
  int is_reaper = 0;
  ::prctl(PR_GET_CHILD_SUBREAPER, &is_reaper);
  if (::getpid() != 1 && is_reaper == 0) return;
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

void pause_for(std::chrono::milliseconds time) { ::poll(nullptr, 0, static_cast<int>(time.count())); }

std::string describe_exit(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace mcp::operations
