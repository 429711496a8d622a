// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/private_cluster.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/log.hpp"
#include "operations/cluster_files.hpp"
#include "operations/failure.hpp"

namespace mcp::operations {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds back_off_first{100};
constexpr milliseconds back_off_max{5000};
constexpr std::chrono::seconds healthy_after{30};  // alive so long: the next death starts with a short back-off again
constexpr std::chrono::seconds lock_patience{30};  // a command that uses the cluster is done by then
constexpr std::chrono::seconds fast_patience{60};  // of a fast shutdown: the last checkpoint may take its time
constexpr std::chrono::seconds immediate_patience{10};
constexpr milliseconds status_pause{10};
constexpr std::uintmax_t startup_log_bytes_max = 1 << 20;

// What the lock file says about its holder.
constexpr std::string_view held_by_server = "serve";
constexpr std::string_view held_by_command = "command";
constexpr milliseconds lock_pause{50};

const char* const busy_text = "another process uses the private database of this home";

void make_private_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    throw Failure(ExitCode::cannot_create,
                  "cannot create " + path.string() + ": " + std::generic_category().message(errno));
  }
}

// The server of a process that was killed may still be shutting down, or, when the kernel's signal missed it, be
// serving.
void end_leftover(const ClusterFiles& files) {
  const auto status = read_server_status(files);
  if (!status || !is_server_of(status->pid, files)) return;
  log::warn("operations", "shutting down a database server that an earlier process left behind",
            {{log::Field::pid, status->pid}});
  ::kill(status->pid, SIGINT);
  if (has_ended_by(status->pid, steady_clock::now() + fast_patience)) return;
  ::kill(status->pid, SIGQUIT);
  if (has_ended_by(status->pid, steady_clock::now() + immediate_patience)) return;
  throw Failure(ExitCode::try_later, "process " + std::to_string(status->pid) +
                                         ", a database server of this home, does not end: end it by hand");
}

}  // namespace

struct PrivateCluster::State {
  State(const Home& home, ClusterPasswords known) : files(home), passwords(std::move(known)) {}

  void launch();  // throws Failure when the machine lacks processes, descriptors, memory or room
  milliseconds restart_later();
  db::Address address(const char* user, const Secret& password, const std::string& database) const;

  ClusterFiles files;
  ClusterPasswords passwords;
  PostgresBinaries binaries;
  std::optional<FileLock> lock;  // none: joined
  std::optional<ChildProcess> server;
  steady_clock::time_point launched_at;
  std::optional<steady_clock::time_point> restart_at;
  milliseconds back_off = back_off_first;
};

void PrivateCluster::State::launch() {
  std::error_code error;
  if (fs::file_size(files.startup_log, error) > startup_log_bytes_max && !error) fs::remove(files.startup_log, error);
  // Made before the ended one goes: poll() has to know of one to start the next.
  ChildProcess started({.file = binaries.folder / "postgres",
                        .arguments = {"-D", files.data.string()},
                        .output = files.startup_log,
                        .death_signal = SIGINT});  // fast shutdown
  launched_at = steady_clock::now();
  restart_at.reset();
  server = std::move(started);
}

milliseconds PrivateCluster::State::restart_later() {
  const milliseconds delay = back_off;
  restart_at = steady_clock::now() + delay;
  back_off = std::min(back_off * 2, back_off_max);
  return delay;
}

db::Address PrivateCluster::State::address(const char* user, const Secret& password,
                                           const std::string& database) const {
  db::Address address;
  address.host = files.sockets.string();
  address.database = database;
  address.user = user;
  address.password = password.duplicate();
  address.ssl_mode = "disable";  // a Unix socket
  return address;
}

PrivateCluster::PrivateCluster(std::unique_ptr<State> state) : state_(std::move(state)) {}
PrivateCluster::PrivateCluster(PrivateCluster&&) noexcept = default;
PrivateCluster& PrivateCluster::operator=(PrivateCluster&&) noexcept = default;

PrivateCluster::~PrivateCluster() {
  if (!state_) return;
  try {
    stop();
  } catch (const std::exception&) {
    log::error("operations", "the private database could not be stopped");
  }
}

bool PrivateCluster::exists(const Home& home) {
  const ClusterFiles files(home);
  std::error_code error;
  return files.has_data() && fs::exists(files.credentials, error);
}

PrivateCluster PrivateCluster::provision(const Home& home) {
  if (exists(home)) return join(home);
  const ClusterFiles files(home);
  const auto binaries = newest_postgres();
  make_private_folder(files.folder);
  make_private_folder(files.logs);
  auto lock = FileLock::acquire(files.lock, lock_patience, busy_text);
  lock.write_note(held_by_command);
  auto passwords = read_passwords(files);
  if (files.has_data() && !passwords) {
    throw Failure(ExitCode::data, files.credentials.string() + " is missing: restore it from a backup");
  }
  if (!passwords) passwords = make_passwords(files);
  if (!files.has_data()) make_data_directory(files, binaries, passwords->superuser);
  auto state = std::make_unique<State>(home, std::move(*passwords));
  state->binaries = postgres_of_major(files.data_major());
  state->lock.emplace(std::move(lock));
  return PrivateCluster(std::move(state));
}

namespace {

ClusterPasswords require_passwords(const Home& home) {
  if (!PrivateCluster::exists(home)) {
    throw Failure(ExitCode::configuration, "this home has no private database: run `mcp-messenger setup` first");
  }
  auto passwords = read_passwords(ClusterFiles(home));
  return std::move(passwords.value());
}

}  // namespace

PrivateCluster PrivateCluster::open(const Home& home) {
  auto state = std::make_unique<State>(home, require_passwords(home));
  state->binaries = postgres_of_major(state->files.data_major());
  make_private_folder(state->files.logs);
  state->lock.emplace(FileLock::acquire(state->files.lock, lock_patience, busy_text));
  state->lock->write_note(held_by_server);
  return PrivateCluster(std::move(state));
}

PrivateCluster PrivateCluster::join(const Home& home) {
  auto state = std::make_unique<State>(home, require_passwords(home));
  make_private_folder(state->files.logs);
  state->lock = FileLock::try_acquire(state->files.lock);
  // A server stays; another command would take its cluster away when it is done, so its end is awaited.
  const auto deadline = steady_clock::now() + lock_patience;
  while (!state->lock) {
    if (read_file(state->files.lock, held_by_command.size()) == held_by_server) return PrivateCluster(std::move(state));
    if (steady_clock::now() >= deadline) throw Failure(ExitCode::try_later, busy_text);
    pause_for(lock_pause);
    state->lock = FileLock::try_acquire(state->files.lock);
  }
  state->lock->write_note(held_by_command);
  state->binaries = postgres_of_major(state->files.data_major());
  return PrivateCluster(std::move(state));
}

void PrivateCluster::start() {
  if (!is_driver()) return;
  end_leftover(state_->files);
  make_socket_folder(state_->files);
  write_settings(state_->files, state_->binaries.major);
  state_->launch();
}

void PrivateCluster::wait_ready(milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  while (true) {
    poll();
    const auto status = read_server_status(state_->files);
    const bool is_the_one =
        status && (is_driver() ? status->pid == server_pid() : is_server_of(status->pid, state_->files));
    if (is_the_one && status->is_ready) break;
    if (steady_clock::now() >= deadline) {
      throw Failure(ExitCode::unavailable, "the private database does not start; see " + state_->files.logs.string());
    }
    pause_for(status_pause);  // the server tells by a file, not by a signal
  }
  if (is_driver()) log::info("operations", "private database ready", {{log::Field::pid, server_pid()}});
}

std::optional<milliseconds> PrivateCluster::poll() {
  if (!is_driver() || !state_->server) return std::nullopt;
  const auto status = state_->server->exit_status();
  reap_orphans();
  if (!status) return std::nullopt;
  const auto now = steady_clock::now();
  if (!state_->restart_at) {
    if (now - state_->launched_at > healthy_after) state_->back_off = back_off_first;
    const milliseconds delay = state_->restart_later();
    log::error("operations", "the private database ended; it is started again",
               {{log::Field::reason, describe_exit(*status)}, {log::Field::delay_ms, delay.count()}});
    return delay;
  }
  if (now < *state_->restart_at) {
    return std::chrono::ceil<milliseconds>(*state_->restart_at - now);
  }
  // A machine that is short of something now may have it later, and what serves without the database must go on: it
  // refuses what it cannot do and drains at its stop.
  try {
    state_->launch();
    return std::nullopt;
  } catch (const std::exception& failure) {
    const milliseconds delay = state_->restart_later();
    log::error("operations", "the private database cannot be started now; it is tried again",
               {{log::Field::reason, failure.what()}, {log::Field::delay_ms, delay.count()}});
    return delay;
  }
}

void PrivateCluster::stop() {
  if (state_->server && state_->server->is_running()) {
    state_->server->signal(SIGINT);
    if (!state_->server->wait_until(steady_clock::now() + fast_patience)) {
      log::error("operations", "the private database does not shut down in time; ending it at once");
      state_->server->signal(SIGQUIT);
      state_->server->wait_until(steady_clock::now() + immediate_patience);
    }
  }
  state_->server.reset();
  state_->lock.reset();
}

bool PrivateCluster::is_driver() const { return state_->lock.has_value(); }

pid_t PrivateCluster::server_pid() const {
  return state_->server && state_->server->is_running() ? state_->server->pid() : 0;
}

db::Address PrivateCluster::superuser(const std::string& database) const {
  return state_->address(cluster_names::superuser, state_->passwords.superuser, database);
}

db::Address PrivateCluster::owner() const {
  return state_->address(cluster_names::owner, state_->passwords.owner, cluster_names::database);
}

db::Address PrivateCluster::serving() const {
  return state_->address(cluster_names::serving, state_->passwords.serving, cluster_names::database);
}

ClusterRoles PrivateCluster::roles() const {
  return {.superuser = superuser("postgres"),
          .superuser_inside = superuser(cluster_names::database),
          .owner_password = state_->passwords.owner.duplicate(),
          .serving_password = state_->passwords.serving.duplicate()};
}

const fs::path& PrivateCluster::socket_folder() const { return state_->files.sockets; }

}  // namespace mcp::operations
