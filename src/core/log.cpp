// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include "core/log_file.hpp"
#include "core/log_line.hpp"

namespace mcp::log {
namespace {

constexpr std::array<std::string_view, 4> level_names{"error", "warn", "info", "debug"};

// One thread writes what all others queue. A stalled disk or reader of standard output fills the queue and costs lines,
// never time of a thread that serves.
class Writer {
 public:
  explicit Writer(const Settings& settings)
      : instance_(settings.instance),
        to_stdout_(settings.to_stdout),
        pretty_(settings.pretty),
        queue_bytes_max_(settings.queue_bytes_max),
        clock_(settings.clock) {
    if (!settings.directory.empty()) {
      file_ = std::make_unique<File>(settings.directory, settings.file_bytes_max, settings.keep_days, settings.clock);
    }
    // Signals belong to the threads that handle them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  ~Writer() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void queue(Level level, std::string_view component, std::string_view message,
             std::initializer_list<FieldValue> fields) {
    const Line line{.time = clock_(),
                    .level = level,
                    .instance = instance_,
                    .component = component,
                    .message = message,
                    .fields = fields};
    std::string json = file_ || !pretty_ ? json_line(line) : std::string();
    std::string pretty = to_stdout_ && pretty_ ? pretty_line(line) : std::string();
    {
      const std::scoped_lock lock(mutex_);
      if (json_.size() + pretty_text_.size() + json.size() + pretty.size() > queue_bytes_max_) {
        ++dropped_;
        ++dropped_unreported_;
        return;
      }
      json_ += json;
      pretty_text_ += pretty;
      ++lines_;
      ++queued_total_;
    }
    wake_.notify_one();
  }

  void reopen() {
    {
      const std::scoped_lock lock(mutex_);
      reopen_ = true;
    }
    wake_.notify_one();
  }

  void flush() {
    std::unique_lock lock(mutex_);
    const auto until = queued_total_;
    flushed_.wait(lock, [this, until] { return written_total_ >= until && !reopen_; });
  }

  std::uint64_t dropped() const { return dropped_; }

 private:
  // The queued text of one round.
  struct Round {
    std::string json;
    std::string pretty;
    std::uint64_t lines = 0;
    std::uint64_t dropped = 0;
    bool reopen = false;
  };

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || reopen_ || lines_ > 0; });
      if (lines_ == 0 && !reopen_ && stopping_) return;
      Round round{.json = std::exchange(json_, {}),
                  .pretty = std::exchange(pretty_text_, {}),
                  .lines = std::exchange(lines_, 0),
                  .dropped = std::exchange(dropped_unreported_, 0),
                  .reopen = reopen_};
      lock.unlock();
      write_out(round);
      lock.lock();
      if (round.reopen) reopen_ = false;
      written_total_ += round.lines;
      flushed_.notify_all();
    }
  }

  void write_out(Round& round) {
    if (round.reopen && file_ && !file_->reopen())
      complain("the log file cannot be reopened; writing to the old one\n");
    if (round.dropped > 0) {
      const Line line{.time = clock_(),
                      .level = Level::warn,
                      .instance = instance_,
                      .component = "log",
                      .message = "lines were dropped because the queue was full",
                      .fields = {{Field::count, round.dropped}}};
      round.json += json_line(line);
      if (pretty_) round.pretty += pretty_line(line);
    }
    if (file_ && !file_->write(round.json)) {
      dropped_ += round.lines;
      complain("the log file cannot be written\n");
    }
    // A reader that went away (EPIPE) is no reason to stop serving; without a file its lines are lost.
    if (to_stdout_ && !write_fully(STDOUT_FILENO, pretty_ ? round.pretty : round.json) && !file_)
      dropped_ += round.lines;
  }

  // Once a minute at most: the same disk stays full for long.
  void complain(std::string_view message) {
    const auto now = std::chrono::steady_clock::now();
    if (complained_ && now - *complained_ < std::chrono::minutes{1}) return;
    complained_ = now;
    write_fully(STDERR_FILENO, message);
  }

  const std::string instance_;
  const bool to_stdout_;
  const bool pretty_;
  const std::size_t queue_bytes_max_;
  const Clock clock_;
  std::unique_ptr<File> file_;
  std::optional<std::chrono::steady_clock::time_point> complained_;  // writer's thread only

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable flushed_;
  std::string json_;  // queued lines, one text for one write
  std::string pretty_text_;
  std::uint64_t lines_ = 0;  // in them
  std::uint64_t queued_total_ = 0;
  std::uint64_t written_total_ = 0;
  std::uint64_t dropped_unreported_ = 0;
  std::atomic<std::uint64_t> dropped_ = 0;
  bool reopen_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

std::atomic<Level> current_level = Level::info;
std::atomic<std::uint64_t> dropped_before = 0;  // by writers that have ended

// Shared, so that a line written while stop() runs still has a living writer or goes to standard error.
std::mutex writer_mutex;
std::shared_ptr<Writer>& writer_slot() {
  static auto* slot = new std::shared_ptr<Writer>();  // never destroyed: lines come until the very end of the process
  return *slot;
}
std::shared_ptr<Writer> writer() {
  const std::scoped_lock lock(writer_mutex);
  return writer_slot();
}

}  // namespace

std::string_view name(Field field) {
  switch (field) {
    case Field::request_id: return "requestId";
    case Field::connection_id: return "connectionId";
    case Field::session_id: return "sessionId";
    case Field::user_id: return "userId";
    case Field::channel_id: return "channelId";
    case Field::message_id: return "messageId";
    case Field::key_id: return "keyId";
    case Field::chain_id: return "chainId";
    case Field::ip_address: return "ipAddress";
    case Field::method: return "method";
    case Field::route: return "route";
    case Field::status: return "status";
    case Field::duration_ms: return "durationMs";
    case Field::bytes: return "bytes";
    case Field::count: return "count";
    case Field::total: return "total";
    case Field::limit: return "limit";
    case Field::statement: return "statement";
    case Field::sqlstate: return "sqlstate";
    case Field::constraint: return "constraint";
    case Field::error_class: return "errorClass";
    case Field::error_code: return "errorCode";
    case Field::error_ref: return "errorRef";
    case Field::variable: return "variable";
    case Field::path: return "path";
    case Field::address: return "address";
    case Field::port: return "port";
    case Field::signal: return "signal";
    case Field::pid: return "pid";
    case Field::exit_code: return "exitCode";
    case Field::attempt: return "attempt";
    case Field::delay_ms: return "delayMs";
    case Field::version: return "version";
    case Field::migration: return "migration";
    case Field::seq: return "seq";
    case Field::close_code: return "closeCode";
    case Field::reason: return "reason";
    case Field::component: return "part";  // "component" and "level" are the line's own
    case Field::name: return "name";
    case Field::threads: return "threads";
    case Field::level: return "logLevel";
  }
  return "field";
}

std::string_view name(Level level) { return level_names.at(static_cast<std::size_t>(level)); }

std::optional<Level> parse_level(std::string_view text) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == text) return static_cast<Level>(i);
  }
  return std::nullopt;
}

void start(const Settings& settings) {
  auto started = std::make_shared<Writer>(settings);
  set_level(settings.level);
  const std::scoped_lock lock(writer_mutex);
  writer_slot() = std::move(started);
}

void stop() {
  std::shared_ptr<Writer> last;
  {
    const std::scoped_lock lock(writer_mutex);
    last = std::exchange(writer_slot(), nullptr);
  }
  if (!last) return;
  last->flush();
  dropped_before += last->dropped();
}

void reopen() {
  if (const auto current = writer()) current->reopen();
}

void flush() {
  if (const auto current = writer()) current->flush();
}

void set_level(Level level) { current_level = level; }

bool is_enabled(Level level) { return level <= current_level.load(std::memory_order_relaxed); }

std::uint64_t dropped_lines() {
  const auto current = writer();
  return dropped_before + (current ? current->dropped() : 0);
}

void write(Level level, Literal component, Literal message, std::initializer_list<FieldValue> fields) {
  if (!is_enabled(level)) return;
  if (const auto current = writer()) {
    current->queue(level, component.text(), message.text(), fields);
    return;
  }
  write_fully(STDERR_FILENO, json_line({.time = system_now(),
                                        .level = level,
                                        .instance = {},
                                        .component = component.text(),
                                        .message = message.text(),
                                        .fields = fields}));
}

}  // namespace mcp::log
