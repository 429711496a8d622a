// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/clock.hpp"
#include "core/id.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

// The one way to log. A line has a fixed text (a literal, so no data can slip into it) and fields from a closed list.
// A Secret or a MessageText is no Value: handing one over does not compile.
namespace mcp::log {

enum class Level : std::uint8_t { error, warn, info, debug };

// The allow-list of field names. Adding one is a decision: it must never hold message text, a secret, a token, an
// e-mail address or a search term.
enum class Field : std::uint8_t {
  request_id,
  connection_id,
  session_id,
  user_id,
  channel_id,
  message_id,
  key_id,
  chain_id,
  ip_address,
  method,
  route,
  status,
  duration_ms,
  bytes,
  count,
  total,
  limit,
  statement,
  sqlstate,
  constraint,
  error_class,
  error_code,
  error_ref,
  variable,
  path,
  address,
  port,
  signal,
  pid,
  exit_code,
  attempt,
  delay_ms,
  version,
  migration,
  seq,
  close_code,
  reason,
  component,
  name,
  threads,
  level,
};

std::string_view name(Field field);  // "requestId"
std::string_view name(Level level);
std::optional<Level> parse_level(std::string_view text);

// What a field may hold. Text is for names, paths, addresses and reasons of our own, as the list above says.
class Value {
 public:
  template <std::integral T>
  Value(T number) : value_(static_cast<std::int64_t>(number)) {}  // NOLINT(google-explicit-constructor): field lists
  Value(bool flag) : value_(flag) {}                              // NOLINT(google-explicit-constructor)
  Value(double number) : value_(number) {}                        // NOLINT(google-explicit-constructor)
  Value(std::string_view text) : value_(std::string(text)) {}     // NOLINT(google-explicit-constructor)
  Value(const std::string& text) : value_(text) {}                // NOLINT(google-explicit-constructor)
  Value(const char* text) : value_(std::string(text)) {}          // NOLINT(google-explicit-constructor)
  Value(const Uuid& uuid) : value_(uuid.text()) {}                // NOLINT(google-explicit-constructor)
  template <class Tag>
  Value(const Id<Tag>& id) : value_(id.text()) {}                  // NOLINT(google-explicit-constructor)
  Value(ErrorCode code) : value_(std::string(mcp::name(code))) {}  // NOLINT(google-explicit-constructor)
  Value(const Secret&) = delete;
  Value(const MessageText&) = delete;

  const std::variant<std::int64_t, bool, double, std::string>& get() const { return value_; }

 private:
  std::variant<std::int64_t, bool, double, std::string> value_;
};

struct FieldValue {
  Field field;
  Value value;
};

// A string literal: the constructor runs at compile time only.
class Literal {
 public:
  template <std::size_t N>
  consteval Literal(const char (&text)[N]) : text_(text, N - 1) {}  // NOLINT(google-explicit-constructor)
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

struct Settings {
  Level level = Level::info;
  bool to_stdout = true;
  bool pretty = false;    // coloured text instead of JSON lines; only on a terminal
  std::string instance;   // label of this server in every line; empty: none
  std::string directory;  // messenger.log is written here; empty: no file
  std::uint64_t file_bytes_max = 50ULL << 20;
  int keep_days = 90;
  std::size_t queue_bytes_max = 16ULL << 20;  // of lines not yet written; beyond it lines are dropped and counted
  Clock clock = system_now;
};

// Starts the writer's thread; before it, and after stop(), lines go to standard error at once.
//   throws   std::system_error when the file cannot be opened
void start(const Settings& settings);
// Writes out what is queued and ends the thread.
void stop();
// Returns when everything written before the call has left: before a deliberate end of the process, and in tests.
void flush();
// Opens the file anew (SIGHUP, after logrotate moved it). Safe from any thread, not from a signal handler.
void reopen();
void set_level(Level level);
bool is_enabled(Level level);
// Lines lost because the queue was full or the disk refused them, for /metrics.
std::uint64_t dropped_lines();

// One line. `component` is the folder's name. Never blocks on the disk. Text is cut at text_bytes_max.
inline constexpr std::size_t text_bytes_max = 2048;
void write(Level level, Literal component, Literal message, std::initializer_list<FieldValue> fields = {});

inline void error(Literal component, Literal message, std::initializer_list<FieldValue> fields = {}) {
  write(Level::error, component, message, fields);
}
inline void warn(Literal component, Literal message, std::initializer_list<FieldValue> fields = {}) {
  write(Level::warn, component, message, fields);
}
inline void info(Literal component, Literal message, std::initializer_list<FieldValue> fields = {}) {
  write(Level::info, component, message, fields);
}
inline void debug(Literal component, Literal message, std::initializer_list<FieldValue> fields = {}) {
  write(Level::debug, component, message, fields);
}

}  // namespace mcp::log
