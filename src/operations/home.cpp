// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/home.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "operations/child_process.hpp"
#include "operations/failure.hpp"

namespace mcp::operations {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t small_file_bytes_max = 4096;
constexpr std::chrono::milliseconds lock_pause{50};

std::string reason(int error) { return std::generic_category().message(error); }

fs::path absolute_path(fs::path path) {
  path = fs::absolute(path).lexically_normal();
  return path.has_filename() ? path : path.parent_path();  // no trailing slash
}

void make_folder(const fs::path& path, mode_t mode) {
  if (::mkdir(path.c_str(), 0700) == 0) {
    if (::chmod(path.c_str(), mode) != 0) {
      throw Failure(ExitCode::cannot_create, "cannot set the mode of " + path.string() + ": " + reason(errno));
    }
    return;
  }
  const int error = errno;
  if (error == EEXIST && fs::is_directory(path)) return;
  throw Failure(ExitCode::cannot_create, "cannot create " + path.string() + ": " + reason(error));
}

std::optional<std::string_view> value_of(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == '=') {
      return line.substr(name.size() + 1);
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return std::nullopt;
}

std::string holder_of(const Home& home) {
  const auto pid = read_file(home.pid_file(), small_file_bytes_max);
  std::string text = "another server runs in " + home.root().string();
  if (pid && !pid->empty()) text += " (process " + pid->substr(0, pid->find('\n')) + ")";
  return text;
}

}  // namespace

Home Home::create(fs::path root) {
  Home home(absolute_path(std::move(root)));
  std::error_code ignored;
  if (!fs::exists(home.root_.parent_path(), ignored)) fs::create_directories(home.root_.parent_path(), ignored);
  make_folder(home.root_, 0700);
  struct stat status{};
  if (::stat(home.root_.c_str(), &status) != 0 || status.st_uid != ::geteuid()) {
    throw Failure(ExitCode::not_permitted, home.root_.string() + " does not belong to the user this runs as");
  }
  if ((status.st_mode & 07777) != 0700 && ::chmod(home.root_.c_str(), 0700) != 0) {
    throw Failure(ExitCode::not_permitted, "cannot set the mode of " + home.root_.string() + ": " + reason(errno));
  }
  home.make_folders();
  return home;
}

Home Home::open(fs::path root) {
  Home home(absolute_path(std::move(root)));
  std::error_code error;
  if (!fs::is_directory(home.root_, error)) {
    throw Failure(ExitCode::configuration,
                  "MESSENGER_HOME " + home.root_.string() + " does not exist: run `mcp-messenger setup` first");
  }
  if (::access(home.root_.c_str(), R_OK | W_OK | X_OK) != 0) {
    throw Failure(ExitCode::not_permitted, "MESSENGER_HOME " + home.root_.string() + ": " + reason(errno));
  }
  home.make_folders();
  return home;
}

void Home::make_folders() const {
  for (const auto& folder : {keys(), tls(), pg(), exports(), backups(), outbox()}) make_folder(folder, 0700);
  for (const auto& folder : {logs(), admin_logs(), audit_logs(), lock_file().parent_path()}) make_folder(folder, 0750);
}

Instance read_or_make_instance(const Home& home) {
  if (const auto text = read_file(home.instance_file(), small_file_bytes_max)) {
    const auto server = value_of(*text, "serverChain");
    const auto command = value_of(*text, "commandChain");
    const auto server_id = server ? ChainId::parse(*server) : std::nullopt;
    const auto command_id = command ? ChainId::parse(*command) : std::nullopt;
    if (!server_id || !command_id || *server_id == *command_id) {
      throw Failure(ExitCode::data, home.instance_file().string() + " is damaged: restore it from a backup");
    }
    return {.server_chain = *server_id, .command_chain = *command_id};
  }
  const Instance made{.server_chain = ChainId(Uuid::v4()), .command_chain = ChainId(Uuid::v4())};
  write_file(home.instance_file(),
             "serverChain=" + made.server_chain.text() + "\ncommandChain=" + made.command_chain.text() + "\n", 0600);
  return made;
}

std::optional<FileLock> FileLock::try_acquire(const fs::path& file) {
  Descriptor opened(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!opened.is_open()) {
    throw Failure(errno == EACCES ? ExitCode::not_permitted : ExitCode::cannot_create,
                  "cannot open " + file.string() + ": " + reason(errno));
  }
  if (::fchmod(opened.get(), 0640) != 0) {
    throw Failure(ExitCode::not_permitted, "cannot set the mode of " + file.string());
  }
  while (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::nullopt;
    if (errno != EINTR) throw Failure(ExitCode::io, "cannot lock " + file.string() + ": " + reason(errno));
  }
  return FileLock(std::move(opened));
}

FileLock FileLock::acquire(const fs::path& file, std::chrono::milliseconds wait, const std::string& busy) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (true) {
    if (auto lock = try_acquire(file)) return std::move(*lock);
    if (std::chrono::steady_clock::now() >= deadline) throw Failure(ExitCode::try_later, busy);
    pause_for(lock_pause);  // flock has no time-out of its own
  }
}

void FileLock::write_note(std::string_view text) {
  if (::ftruncate(file_.get(), 0) != 0 ||
      ::pwrite(file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    throw Failure(ExitCode::io, "cannot write into a lock file: " + reason(errno));
  }
}

ServingLock::ServingLock(const Home& home)
    : lock_(FileLock::acquire(home.lock_file(), std::chrono::milliseconds{0}, holder_of(home))),
      pid_file_(home.pid_file()),
      previous_stop_was_unclean_(fs::exists(pid_file_)),
      owes_a_stop_(previous_stop_was_unclean_) {
  write_file(pid_file_, std::to_string(::getpid()) + "\n", 0640);
}

ServingLock::~ServingLock() {
  if (!owes_a_stop_) ::unlink(pid_file_.c_str());
}

void restrict_new_files() { ::umask(0077); }

}  // namespace mcp::operations
