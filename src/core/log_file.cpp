// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/log_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace mcp::log {
namespace {

namespace fs = std::filesystem;

constexpr mode_t file_mode = 0640;       // contract-config 5
constexpr mode_t directory_mode = 0750;  // umask 0077 would take the group's rights: both are set after creation
constexpr std::string_view rotated_prefix = "messenger-";

std::chrono::sys_days day_of(Timestamp time) { return std::chrono::floor<std::chrono::days>(time); }

bool is_rotated(const fs::path& file, std::string_view ending) {
  const auto name = file.filename().string();
  return name.starts_with(rotated_prefix) && name.ends_with(ending);
}

struct FileCloser {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

void make_directory(const fs::path& directory) {
  if (fs::is_directory(directory)) return;
  fs::create_directories(directory);
  if (chmod(directory.c_str(), directory_mode) != 0) throw std::system_error(errno, std::generic_category(), directory);
}

}  // namespace

bool write_fully(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EAGAIN) {
      pollfd waits{.fd = descriptor, .events = POLLOUT, .revents = 0};
      poll(&waits, 1, -1);
      continue;
    }
    if (errno != EINTR) return false;
  }
  return true;
}

Archive::Archive(fs::path directory, int keep_days, Clock clock)
    : directory_(std::move(directory)), keep_days_(keep_days), clock_(std::move(clock)), thread_([this] { run(); }) {}

Archive::~Archive() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Archive::tidy_soon() {
  {
    const std::scoped_lock lock(mutex_);
    is_due_ = true;
  }
  wake_.notify_one();
}

void Archive::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return is_due_ || stopping_; });
    if (stopping_ && !is_due_) return;
    is_due_ = false;
    lock.unlock();
    try {
      tidy();
    } catch (const std::exception&) {
      // A full or vanished disk must not end the server; the next rotation tries again.
    }
    lock.lock();
    if (stopping_) return;
  }
}

void Archive::tidy() {
  const auto oldest = clock_() - std::chrono::days{keep_days_};
  std::vector<fs::path> rotated;
  for (const auto& entry : fs::directory_iterator(directory_)) {
    if (is_rotated(entry.path(), ".log")) rotated.push_back(entry.path());
    if (is_rotated(entry.path(), ".gz.tmp")) fs::remove(entry.path());
  }
  for (const auto& file : rotated) {
    if (!compress(file)) return;
    if (stopping_) return;
  }
  for (const auto& entry : fs::directory_iterator(directory_)) {
    struct stat status{};
    if (!is_rotated(entry.path(), ".log.gz") || stat(entry.path().c_str(), &status) != 0) continue;
    if (Timestamp{std::chrono::seconds{status.st_mtim.tv_sec}} < oldest) fs::remove(entry.path());
  }
}

bool Archive::compress(const fs::path& file) const {
  const fs::path finished = file.string() + ".gz";
  const fs::path unfinished = finished.string() + ".tmp";
  const int from = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (from < 0) return false;
  struct stat status{};
  fstat(from, &status);
  const int to = open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file_mode);
  bool is_good = to >= 0 && fchmod(to, file_mode) == 0;
  if (is_good) {
    std::unique_ptr<gzFile_s, FileCloser> packed(gzdopen(dup(to), "wb6"));
    std::array<char, 64 * 1024> buffer{};
    ssize_t bytes = 0;
    while (packed && is_good && (bytes = read(from, buffer.data(), buffer.size())) > 0) {
      is_good = gzwrite(packed.get(), buffer.data(), static_cast<unsigned>(bytes)) == bytes;
    }
    is_good = is_good && packed && bytes == 0 && gzclose(packed.release()) == Z_OK && fsync(to) == 0;
    // The age that decides about deletion is that of the lines, not of the compression.
    const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
    is_good = is_good && futimens(to, times.data()) == 0;
  }
  close(from);
  if (to >= 0) close(to);
  is_good = is_good && ::rename(unfinished.c_str(), finished.c_str()) == 0;
  unlink(is_good ? file.c_str() : unfinished.c_str());
  return is_good;
}

File::File(fs::path directory, std::uint64_t bytes_max, int keep_days, Clock clock)
    : directory_(std::move(directory)),
      path_(directory_ / "messenger.log"),
      bytes_max_(bytes_max),
      clock_(std::move(clock)),
      descriptor_((make_directory(directory_), open_file())),
      archive_(directory_, keep_days, clock_) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), path_);
  struct stat status{};
  fstat(descriptor_, &status);
  bytes_ = static_cast<std::uint64_t>(status.st_size);
  day_ = bytes_ == 0 ? day_of(clock_()) : day_of(Timestamp{std::chrono::seconds{status.st_mtim.tv_sec}});
}

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

int File::open_file() const {
  const int descriptor = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, file_mode);
  if (descriptor >= 0) fchmod(descriptor, file_mode);
  return descriptor;
}

bool File::write(std::string_view lines) {
  while (!lines.empty()) {
    if (is_due_for_rotation(lines.find('\n') + 1)) rotate();
    // As many whole lines as the file still takes, one at least: also the only way on when rotation fails.
    const std::size_t room = bytes_ < bytes_max_ ? static_cast<std::size_t>(bytes_max_ - bytes_) : 0;
    const std::size_t end = lines.size() <= room || room == 0 ? std::string_view::npos : lines.rfind('\n', room - 1);
    const std::size_t size = end != std::string_view::npos ? end + 1
                             : lines.size() <= room        ? lines.size()
                                                           : lines.find('\n') + 1;
    if (!write_fully(descriptor_, lines.substr(0, size))) return false;
    bytes_ += size;
    lines.remove_prefix(size);
  }
  return true;
}

bool File::reopen() {
  const int descriptor = open_file();
  if (descriptor < 0) return false;
  close(std::exchange(descriptor_, descriptor));
  struct stat status{};
  fstat(descriptor_, &status);
  bytes_ = static_cast<std::uint64_t>(status.st_size);
  if (bytes_ == 0) day_ = day_of(clock_());
  return true;
}

bool File::is_due_for_rotation(std::size_t more) const {
  return bytes_ > 0 && (bytes_ + more > bytes_max_ || day_of(clock_()) > day_);
}

void File::rotate() {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_());
  const auto day = day_of(now);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{now - day};
  const auto stem = fmt::format("{}{:04}{:02}{:02}T{:02}{:02}{:02}Z", rotated_prefix, static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                time.hours().count(), time.minutes().count(), time.seconds().count());
  fs::path target = directory_ / (stem + ".log");
  std::error_code ignored;
  for (int n = 2; fs::exists(target, ignored) || fs::exists(target.string() + ".gz", ignored); ++n) {
    target = directory_ / fmt::format("{}-{}.log", stem, n);
  }
  // When this fails the lines go on into the old file, and the next write tries again. ENOENT: somebody moved it
  // already.
  const bool was_renamed = ::rename(path_.c_str(), target.c_str()) == 0;
  if (!was_renamed && errno != ENOENT) return;
  if (!reopen()) {
    if (was_renamed) ::rename(target.c_str(), path_.c_str());
    return;
  }
  day_ = day;
  archive_.tidy_soon();
}

}  // namespace mcp::log
