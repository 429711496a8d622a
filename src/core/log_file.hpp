// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "core/clock.hpp"

namespace mcp::log {

// Compresses rotated files and deletes old ones, on a thread of its own so that the writer never waits for gzip.
// A file whose compression was cut short is compressed again at the next start.
class Archive {
 public:
  Archive(std::filesystem::path directory, int keep_days, Clock clock);
  ~Archive();  // ends after the file in hand
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  void tidy_soon();

 private:
  void run();
  void tidy();
  bool compress(const std::filesystem::path& file) const;

  std::filesystem::path directory_;
  int keep_days_;
  Clock clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_due_ = true;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

// messenger.log: append-only, mode 0640, rotated at `bytes_max` and at midnight UTC to messenger-<time>.log, which the
// archive turns into .log.gz. One thread at a time.
class File {
 public:
  // Throws std::system_error when the directory or the file cannot be opened.
  File(std::filesystem::path directory, std::uint64_t bytes_max, int keep_days, Clock clock);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // Whole lines. False when the disk took only part or nothing; what was written stays.
  bool write(std::string_view lines);
  // Opens the path anew, for a file that was moved away. False: the old file stays in use.
  bool reopen();

 private:
  int open_file() const;
  bool is_due_for_rotation(std::size_t more) const;
  void rotate();

  std::filesystem::path directory_;
  std::filesystem::path path_;
  std::uint64_t bytes_max_;
  Clock clock_;
  int descriptor_ = -1;
  std::uint64_t bytes_ = 0;
  std::chrono::sys_days day_;  // of the first line
  Archive archive_;
};

// write(2) until everything is out, waiting where the descriptor does not block. False on an error.
bool write_fully(int descriptor, std::string_view bytes);

}  // namespace mcp::log
