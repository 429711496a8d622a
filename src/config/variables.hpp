// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// Every variable of contract-config 2, as data: layers, checks, `config show` and the run-time settings read this one
// table.
namespace mcp::config {

enum class Kind : std::uint8_t {
  boolean,          // true, false
  integer,          // min..max
  zero_or_integer,  // 0 or min..max
  duration,         // seconds, or <n>s, <n>m, <n>h, <n>d; min..max seconds
  word,             // one of `words`
  text,             // 1..255 bytes, no control character
  path,
  host,         // name, address, or directory of a Unix socket
  networks,     // comma list of CIDR
  origins,      // comma list of exact origins
  origin,       // one origin
  webhook,      // https URL, http to loopback only
  emails,       // comma list of addresses
  username,     // as accounts have it, contract-rest 2
  syslog,       // host:port or socket path, tls:// in front for TLS
  time_of_day,  // HH:MM
  secret,       // at least `min` bytes
  root_key,     // standard base64 of exactly 32 bytes
  smtp_url,     // smtp:// or smtps://, may hold a password
  pin,          // PKCS#11: digits are normal, so its strength is not judged
};

struct Variable {
  std::string_view name;      // "PORT"; for what only config.json has, its key
  std::string_view key;       // "database.port"; empty: not in config.json
  std::string_view fallback;  // default as it would be written; "" = none. {home}, {host}, {twoFactor}, {hostname} and
                              // {NAME} (another variable's value) are filled in by default_text()
  Kind kind;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::string_view unit = {};             // for messages: "ms", "bytes"
  std::string_view words = {};            // "a,b,c"
  std::string_view runtime_setting = {};  // its name in contract-rest 10.4; empty: not changeable at run time

  bool is_secret() const {
    return kind == Kind::secret || kind == Kind::root_key || kind == Kind::smtp_url || kind == Kind::pin;
  }
  // May an empty value stand? Elsewhere an empty value counts as not given.
  bool may_be_empty() const { return fallback.empty() && !is_secret(); }
  bool is_list() const { return kind == Kind::networks || kind == Kind::origins || kind == Kind::emails; }
};

std::span<const Variable> variables();
const Variable* find_variable(std::string_view name);
const Variable* find_variable_by_key(std::string_view key);

// Nothing when `value` keeps to the variable's rule; else what is wanted, without the value: "must be from 1 to 100".
std::optional<std::string> check_value(const Variable& variable, std::string_view value);

}  // namespace mcp::config
