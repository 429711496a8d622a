// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "cli/exit_code.hpp"
#include "operations/durable_file.hpp"

namespace mcp::cli {
namespace {

using operations::Failure;

constexpr std::size_t line_bytes_max = 4096;
constexpr std::array<int, 5> ending_signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

volatile std::sig_atomic_t caught_signal = 0;

// While it lives, the signals that would end or stop the process are noted only while wait_for_input() waits; then they
// are raised again. They are blocked elsewhere: one that came just before a read(2) would be noted and the read go on
// waiting.
class DelayedSignals {
 public:
  DelayedSignals() {
    caught_signal = 0;
    struct sigaction note{};
    note.sa_handler = [](int number) { caught_signal = number; };
    sigemptyset(&note.sa_mask);
    sigset_t blocked;
    sigemptyset(&blocked);
    for (std::size_t i = 0; i < ending_signals.size(); ++i) {
      sigaddset(&blocked, ending_signals[i]);
      sigaction(ending_signals[i], &note, &before_[i]);
    }
    pthread_sigmask(SIG_BLOCK, &blocked, &mask_before_);
  }
  ~DelayedSignals() {
    for (std::size_t i = 0; i < ending_signals.size(); ++i) sigaction(ending_signals[i], &before_[i], nullptr);
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
    if (caught_signal != 0) raise(caught_signal);
  }
  DelayedSignals(const DelayedSignals&) = delete;
  DelayedSignals& operator=(const DelayedSignals&) = delete;

  // False when a signal came, before or meanwhile.
  bool wait_for_input(int descriptor) const {
    pollfd input{.fd = descriptor, .events = POLLIN, .revents = 0};
    while (caught_signal == 0) {
      if (ppoll(&input, 1, nullptr, &mask_before_) > 0) return caught_signal == 0;
      if (errno != EINTR) return true;  // the read says what is wrong
    }
    return false;
  }

 private:
  std::array<struct sigaction, ending_signals.size()> before_{};
  sigset_t mask_before_{};
};

class WithoutEcho {
 public:
  explicit WithoutEcho(int terminal) : terminal_(terminal) {
    if (tcgetattr(terminal_, &before_) != 0)
      throw Failure(ExitCode::usage, "there is no terminal to ask for the password");
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= static_cast<tcflag_t>(ECHONL);
    tcsetattr(terminal_, TCSAFLUSH, &silent);
  }
  ~WithoutEcho() { tcsetattr(terminal_, TCSAFLUSH, &before_); }
  WithoutEcho(const WithoutEcho&) = delete;
  WithoutEcho& operator=(const WithoutEcho&) = delete;

 private:
  int terminal_;
  termios before_{};
};

// Byte by byte, so that what stands behind the line is left to whoever reads next. Nothing at the end of the input or
// when a signal came.
std::optional<Secret> read_line(int descriptor, const DelayedSignals* signals) {
  std::string line;
  line.reserve(line_bytes_max);  // never moved, so that no copy of a secret is left behind
  bool is_line = false;
  char c = 0;
  while (line.size() < line_bytes_max) {
    if (signals != nullptr && !signals->wait_for_input(descriptor)) break;
    const auto bytes = read(descriptor, &c, 1);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) break;
    is_line = true;
    if (c == '\n') break;
    line.push_back(c);
  }
  explicit_bzero(&c, 1);
  if (line.ends_with('\r')) line.pop_back();
  Secret secret(std::move(line));
  if (!is_line || (signals != nullptr && caught_signal != 0)) return std::nullopt;
  return secret;
}

void say(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = write(descriptor, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::optional<Secret> read_line_of_input() { return read_line(STDIN_FILENO, nullptr); }

Secret ask_secret(const std::string& prompt) {
  const operations::Descriptor terminal(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.is_open()) throw Failure(ExitCode::usage, "there is no terminal to ask for the password");
  std::optional<Secret> answer;
  {
    const DelayedSignals delayed;
    const WithoutEcho silent(terminal.get());
    say(terminal.get(), prompt);
    answer = read_line(terminal.get(), &delayed);
  }
  if (!answer) throw Failure(ExitCode::usage, "no password was given");
  return std::move(*answer);
}

Secret read_new_password(bool from_stdin, bool may_prompt, const std::string& whose) {
  if (from_stdin) {
    auto line = read_line_of_input();
    if (!line || line->empty())
      throw Failure(ExitCode::usage, "--password-stdin: there is no password on standard input");
    return std::move(*line);
  }
  if (!may_prompt)
    throw Failure(ExitCode::usage, "a password is needed: give --password-stdin, or leave out --no-input");
  auto first = ask_secret("New password for " + whose + ": ");
  const auto second = ask_secret("Again: ");
  if (first.reveal() != second.reveal()) throw Failure(ExitCode::usage, "the two passwords differ");
  return first;
}

}  // namespace mcp::cli
