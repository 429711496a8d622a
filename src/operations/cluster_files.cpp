// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/cluster_files.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <string_view>
#include <system_error>
#include <vector>

#include "crypto/digest.hpp"
#include "crypto/random.hpp"
#include "operations/child_process.hpp"
#include "operations/failure.hpp"
#include "operations/private_cluster.hpp"

namespace mcp::operations {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t small_file_bytes_max = 16 * 1024;
constexpr std::size_t socket_path_bytes_max = 107;  // sockaddr_un::sun_path without its NUL
constexpr std::string_view socket_name = "/.s.PGSQL.5432";
constexpr std::size_t password_bytes = 24;
constexpr std::chrono::minutes initdb_patience{2};

// libpq takes a list in `host`, PostgreSQL one in its setting: only characters that mean nothing to either.
bool is_plain(std::string_view path) {
  return std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+@").contains(c);
  });
}

fs::path socket_folder(const fs::path& folder) {
  fs::path inside = folder / "run";
  if (inside.native().size() + socket_name.size() <= socket_path_bytes_max && is_plain(inside.native())) return inside;
  return "/tmp/mcp-pg-" + crypto::sha256_hex(folder.native()).substr(0, 16);
}

std::optional<std::string_view> line_of(std::string_view text, std::size_t number) {
  for (std::size_t line = 1;; ++line) {
    const auto end = text.find('\n');
    if (line == number) return text.substr(0, end);
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
}

std::optional<Secret> password_of(std::string_view text, std::string_view name) {
  for (std::size_t number = 1; const auto line = line_of(text, number); ++number) {
    if (line->size() > name.size() + 1 && line->starts_with(name) && (*line)[name.size()] == '=') {
      return Secret(std::string(line->substr(name.size() + 1)));
    }
  }
  return std::nullopt;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return number;
}

std::string settings_text(const ClusterFiles& files, int major) {
  std::string text =
      "# Written by MCP Messenger before each start. Settings of your own belong into local.conf, read last.\n"
      "listen_addresses = ''\n"
      "unix_socket_directories = '" +
      files.sockets.string() +
      "'\n"
      "unix_socket_permissions = 0700\n"
      "port = 5432\n"
      "cluster_name = 'mcp-messenger'\n"
      "password_encryption = scram-sha-256\n"
      "max_connections = " +
      std::to_string(private_connections_max) +
      "\n"
      "timezone = 'UTC'\n"
      "jit = off\n"  // statements of a chat are short: compiling them costs more than it saves
      // The log tells what the server does, never what it holds: no statements, no parameters, no values of rows
      // (DETAIL lines, which TERSE leaves out, show keys and whole rows).
      "log_timezone = 'UTC'\n"
      "log_destination = 'stderr'\n"
      "logging_collector = on\n"
      "log_directory = '../log'\n"
      "log_filename = 'postgresql-%a.log'\n"
      "log_truncate_on_rotation = on\n"
      "log_rotation_age = '1d'\n"
      "log_rotation_size = 0\n"
      "log_file_mode = 0600\n"
      "log_min_messages = warning\n"
      "log_min_error_statement = panic\n"
      "log_error_verbosity = terse\n"
      "log_statement = 'none'\n"
      "log_min_duration_statement = -1\n"
      "log_duration = off\n"
      "log_lock_waits = off\n"
      "log_line_prefix = '%m [%p] '\n";
  if (major >= 13) text += "log_parameter_max_length = 0\nlog_parameter_max_length_on_error = 0\n";
  return text + "include_if_exists = 'local.conf'\n";
}

constexpr std::string_view host_rules =
    "# Written by MCP Messenger before each start: the Unix socket, with a password, nothing else.\n"
    "local all all scram-sha-256\n";

void run_initdb(const ClusterFiles& files, const PostgresBinaries& binaries, const fs::path& into,
                const fs::path& password_file) {
  const fs::path output = files.logs / "initdb.log";
  ChildProcess initdb({.file = binaries.folder / "initdb",
                       .arguments = {"--pgdata=" + into.string(), std::string("--username=") + cluster_names::superuser,
                                     "--pwfile=" + password_file.string(), "--auth=scram-sha-256", "--data-checksums",
                                     "--encoding=UTF8", "--locale=C.UTF-8"},
                       .output = output,
                       .death_signal = SIGTERM});
  if (!initdb.wait_until(std::chrono::steady_clock::now() + initdb_patience) || *initdb.exit_status() != 0) {
    throw Failure(ExitCode::unavailable, "initdb could not make the private database; see " + output.string());
  }
}

}  // namespace

ClusterFiles::ClusterFiles(const Home& home)
    : folder(home.pg()),
      data(folder / "data"),
      credentials(folder / "credentials"),
      lock(folder / "lock"),
      logs(folder / "log"),
      startup_log(logs / "startup.log"),
      sockets(socket_folder(folder)) {}

bool ClusterFiles::has_data() const {
  std::error_code error;
  return fs::exists(data / "PG_VERSION", error);
}

int ClusterFiles::data_major() const {
  const auto text = read_file(data / "PG_VERSION", small_file_bytes_max);
  const auto major = text ? parse_number<int>(*text) : std::nullopt;
  if (!major) throw Failure(ExitCode::data, data.string() + " is no PostgreSQL data directory");
  return *major;
}

std::optional<ClusterPasswords> read_passwords(const ClusterFiles& files) {
  const auto text = read_secret_file(files.credentials, small_file_bytes_max);
  if (!text) return std::nullopt;
  auto superuser = password_of(text->reveal(), cluster_names::superuser);
  auto owner = password_of(text->reveal(), cluster_names::owner);
  auto serving = password_of(text->reveal(), cluster_names::serving);
  if (!superuser || !owner || !serving) {
    throw Failure(ExitCode::data, files.credentials.string() + " is damaged: restore it from a backup");
  }
  return ClusterPasswords{
      .superuser = std::move(*superuser), .owner = std::move(*owner), .serving = std::move(*serving)};
}

ClusterPasswords make_passwords(const ClusterFiles& files) {
  ClusterPasswords made{.superuser = crypto::random_token(password_bytes),
                        .owner = crypto::random_token(password_bytes),
                        .serving = crypto::random_token(password_bytes)};
  std::string lines;
  const auto add = [&lines](const char* name, const Secret& password) {
    lines.append(name).append("=").append(password.reveal()).append("\n");
  };
  add(cluster_names::superuser, made.superuser);
  add(cluster_names::owner, made.owner);
  add(cluster_names::serving, made.serving);
  const Secret text(std::move(lines));
  write_file(files.credentials, text.reveal(), 0600);
  return made;
}

void make_data_directory(const ClusterFiles& files, const PostgresBinaries& binaries,
                         const Secret& superuser_password) {
  const fs::path unfinished = files.folder / "data.new";
  const fs::path password_file = files.folder / "initdb-password";
  fs::remove_all(unfinished);  // of a set-up that was cut short
  write_file(password_file, superuser_password.reveal(), 0600);
  try {
    run_initdb(files, binaries, unfinished, password_file);
  } catch (...) {
    fs::remove(password_file);
    throw;
  }
  fs::remove(password_file);
  const auto defaults = read_file(unfinished / "postgresql.conf", 1 << 20);
  write_file(unfinished / "postgresql.conf", defaults.value_or("") + "\ninclude 'messenger.conf'\n", 0600);
  fs::rename(unfinished, files.data);
  sync_folder(files.folder);
}

void write_settings(const ClusterFiles& files, int major) {
  write_file(files.data / "messenger.conf", settings_text(files, major), 0600);
  write_file(files.data / "pg_hba.conf", host_rules, 0600);
}

void make_socket_folder(const ClusterFiles& files) {
  if (::mkdir(files.sockets.c_str(), 0700) == 0) return;
  struct stat status{};
  if (errno != EEXIST || ::lstat(files.sockets.c_str(), &status) != 0) {
    throw Failure(ExitCode::cannot_create, "cannot create " + files.sockets.string());
  }
  if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 077) != 0) {
    throw Failure(
        ExitCode::not_permitted,
        files.sockets.string() + " is not a private folder of this user: remove it, or choose a shorter home");
  }
}

std::optional<ServerStatus> read_server_status(const ClusterFiles& files) {
  const auto text = read_file(files.data / "postmaster.pid", small_file_bytes_max);
  if (!text) return std::nullopt;
  const auto pid = parse_number<pid_t>(line_of(*text, 1).value_or(""));
  if (!pid || *pid <= 1) return std::nullopt;
  return ServerStatus{.pid = *pid, .is_ready = line_of(*text, 8).value_or("").starts_with("ready")};
}

bool is_server_of(pid_t pid, const ClusterFiles& files) {
  const fs::path process = "/proc/" + std::to_string(pid);
  std::error_code error;
  const fs::path program = fs::read_symlink(process / "exe", error);
  if (error || !program.filename().string().starts_with("postgres"))
    return false;  // "postgres (deleted)" after an upgrade
  const fs::path folder = fs::read_symlink(process / "cwd", error);
  return !error && fs::equivalent(folder, files.data, error) && !error;
}

}  // namespace mcp::operations
