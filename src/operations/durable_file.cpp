// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "core/id.hpp"
#include "operations/failure.hpp"

namespace mcp::operations {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void cannot_write(const std::filesystem::path& path, int error) {
  throw Failure(error == ENOSPC || error == EIO || error == EDQUOT ? ExitCode::io : ExitCode::cannot_create,
                "cannot write " + path.string() + ": " + reason(error));
}

// Removes the temporary file unless it was renamed.
class Temporary {
 public:
  explicit Temporary(std::filesystem::path path) : path_(std::move(path)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!kept_) ::unlink(path_.c_str());
  }
  const std::filesystem::path& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  std::filesystem::path path_;
  bool kept_ = false;
};

void write_all(const Descriptor& file, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) cannot_write(path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string read_all(const Descriptor& file, std::size_t bytes_max, const std::filesystem::path& path) {
  std::string content(bytes_max + 1, '\0');
  std::size_t length = 0;
  while (length < content.size()) {
    const ssize_t got = ::read(file.get(), content.data() + length, content.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Failure(ExitCode::io, "cannot read " + path.string() + ": " + reason(errno));
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > bytes_max) throw Failure(ExitCode::data, path.string() + " is larger than it can be");
  content.resize(length);
  return content;
}

Descriptor open_to_read(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.is_open() || errno == ENOENT) return file;
  throw Failure(errno == EACCES || errno == EPERM ? ExitCode::not_permitted : ExitCode::io,
                "cannot read " + path.string() + ": " + reason(errno));
}

}  // namespace

void write_file(const std::filesystem::path& path, std::string_view content, mode_t mode) {
  Temporary temporary(path.string() + "." + Uuid::v4().text() + ".new");
  Descriptor file(::open(temporary.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) cannot_write(path, errno);
  if (::fchmod(file.get(), mode) != 0) cannot_write(path, errno);
  write_all(file, content, path);
  if (::fsync(file.get()) != 0) cannot_write(path, errno);
  file.close();
  if (::rename(temporary.path().c_str(), path.c_str()) != 0) cannot_write(path, errno);
  temporary.keep();
  sync_folder(path.parent_path());
}

std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  const Descriptor file = open_to_read(path);
  if (!file.is_open()) return std::nullopt;
  return read_all(file, bytes_max, path);
}

std::optional<Secret> read_secret_file(const std::filesystem::path& path, std::size_t bytes_max) {
  const Descriptor file = open_to_read(path);
  if (!file.is_open()) return std::nullopt;
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) throw Failure(ExitCode::io, "cannot read " + path.string());
  if (status.st_uid != ::geteuid() || (status.st_mode & 077) != 0) {
    throw Failure(ExitCode::not_permitted,
                  path.string() + " must belong to the service user and have mode 0600: chmod 600 " + path.string());
  }
  return Secret(read_all(file, bytes_max, path));
}

void sync_folder(const std::filesystem::path& folder) {
  const Descriptor opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open() || (::fsync(opened.get()) != 0 && errno != EINVAL)) cannot_write(folder, errno);
}

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

Descriptor::~Descriptor() { close(); }

void Descriptor::close() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

}  // namespace mcp::operations
