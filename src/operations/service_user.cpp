// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/service_user.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "operations/durable_file.hpp"
#include "operations/failure.hpp"

namespace mcp::operations {
namespace {

namespace fs = std::filesystem;

struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

std::optional<User> to_user(const passwd* found) {
  if (found == nullptr) return std::nullopt;
  return User{.name = found->pw_name, .uid = found->pw_uid, .gid = found->pw_gid};
}

std::optional<User> find_user(const std::string& name) {
  std::vector<char> memory(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwnam_r(name.c_str(), &entry, memory.data(), memory.size(), &found);
  return to_user(found);
}

std::optional<User> find_user(uid_t uid) {
  std::vector<char> memory(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(uid, &entry, memory.data(), memory.size(), &found);
  return to_user(found);
}

[[noreturn]] void refuse(const std::string& what) { throw Failure(ExitCode::not_permitted, what); }

std::string reason(int error) { return std::generic_category().message(error); }

// The first folder on the way to `path` that the present effective user cannot enter; `path` itself included where it
// exists. A missing tail is no obstacle.
std::optional<fs::path> blocking_folder(const fs::path& path) {
  fs::path walked;
  for (const auto& part : path) {
    walked /= part;
    if (::faccessat(AT_FDCWD, walked.c_str(), X_OK, AT_EACCESS) == 0) continue;
    if (errno == ENOENT) return std::nullopt;
    return walked;
  }
  return std::nullopt;
}

[[noreturn]] void refuse_blocked(const fs::path& home, const fs::path& folder, const std::string& user) {
  refuse("the service user " + user + " cannot reach MESSENGER_HOME " + home.string() + ": it may not enter " +
         folder.string() + " (choose another home, for instance /var/lib/mcp-messenger)");
}

User choose_user(const fs::path& home, const std::string& user_name) {
  struct stat status{};
  if (::stat(home.c_str(), &status) == 0 && status.st_uid != 0) {
    auto owner = find_user(status.st_uid);
    // An id without a name, as volumes of containers have.
    return owner ? *owner : User{.name = std::to_string(status.st_uid), .uid = status.st_uid, .gid = status.st_gid};
  }
  auto user = find_user(user_name);
  if (!user) {
    refuse("started by root, but the user " + user_name +
           " does not exist: script/server and the package create it (useradd --system --user-group " + user_name +
           ")");
  }
  if (user->uid == 0) refuse("the user " + user_name + " is root");
  return *user;
}

void set_groups(const User& user) {
  const bool has_name = find_user(user.uid).has_value();
  const int result = has_name ? ::initgroups(user.name.c_str(), user.gid) : ::setgroups(1, &user.gid);
  if (result != 0) refuse("cannot take the groups of " + user.name + ": " + reason(errno));
}

// Looks with the service user's eyes, but as root, so that nothing is made in a place that would turn out unreachable.
std::optional<fs::path> blocking_folder_for(const User& user, const fs::path& home) {
  if (::setegid(user.gid) != 0 || ::seteuid(user.uid) != 0) refuse("cannot become " + user.name + ": " + reason(errno));
  const auto blocked = blocking_folder(home);
  if (::seteuid(0) != 0 || ::setegid(0) != 0) refuse("cannot return from " + user.name + ": " + reason(errno));
  return blocked;
}

// The way to a new home stays open to everybody, whatever root's umask: only the home itself is private.
void make_parents(const fs::path& folder) {
  if (folder.empty() || fs::exists(folder)) return;
  make_parents(folder.parent_path());
  if (::mkdir(folder.c_str(), 0755) != 0 || ::chmod(folder.c_str(), 0755) != 0) {
    throw Failure(ExitCode::cannot_create, "cannot create " + folder.string() + ": " + reason(errno));
  }
}

// Makes the home, or takes over an empty one of root's.
void give_home(const fs::path& home, const User& user) {
  struct stat status{};
  if (::stat(home.c_str(), &status) == 0 && status.st_uid != 0) return;
  make_parents(home.parent_path());
  if (::mkdir(home.c_str(), 0700) != 0 && errno != EEXIST) {
    throw Failure(ExitCode::cannot_create, "cannot create MESSENGER_HOME " + home.string() + ": " + reason(errno));
  }
  const Descriptor folder(::open(home.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.is_open() || ::fstat(folder.get(), &status) != 0) refuse(home.string() + " is no folder");
  if (status.st_uid != 0) return;
  std::error_code error;
  if (!fs::is_empty(home, error) || error) {
    refuse("MESSENGER_HOME " + home.string() + " belongs to root and is not empty: chown -R " + user.name + " " +
           home.string());
  }
  if (::fchown(folder.get(), user.uid, user.gid) != 0 || ::fchmod(folder.get(), 0700) != 0) {
    refuse("cannot give " + home.string() + " to " + user.name + ": " + reason(errno));
  }
}

void drop_root(const User& user) {
  if (::setresgid(user.gid, user.gid, user.gid) != 0 || ::setresuid(user.uid, user.uid, user.uid) != 0) {
    refuse("cannot become " + user.name + ": " + reason(errno));
  }
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  if (::getresuid(&real, &effective, &saved) != 0 || real != user.uid || effective != user.uid || saved != user.uid ||
      ::setuid(0) == 0 || ::seteuid(0) == 0) {
    refuse("root could not be given up");
  }
}

}  // namespace

fs::path become_service_user(const fs::path& home, const std::string& user_name) {
  fs::path absolute = fs::absolute(home).lexically_normal();
  if (!absolute.has_filename()) absolute = absolute.parent_path();
  if (::geteuid() != 0) {
    if (const auto blocked = blocking_folder(absolute)) {
      refuse_blocked(absolute, *blocked, std::to_string(::geteuid()));
    }
    return absolute;
  }
  const User user = choose_user(absolute, user_name);
  set_groups(user);
  // The folder itself is made or given over below; what matters is the way to it.
  if (const auto blocked = blocking_folder_for(user, absolute.parent_path()))
    refuse_blocked(absolute, *blocked, user.name);
  give_home(absolute, user);
  drop_root(user);
  if (const auto blocked = blocking_folder(absolute)) refuse_blocked(absolute, *blocked, user.name);
  return absolute;
}

std::string calling_user() {
  const uid_t uid = ::getuid();
  const auto user = find_user(uid);
  return user ? user->name : std::to_string(uid);
}

}  // namespace mcp::operations
