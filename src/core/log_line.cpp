// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/log_line.hpp"

#include <fmt/format.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cmath>

#include "core/json.hpp"

namespace mcp::log {
namespace {

// The lines' ends of Unicode, C1 controls (some terminals obey them) and what turns the order of a line around.
bool is_dangerous(UChar32 c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0x200E || c == 0x200F ||
         c == 0x061C || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

void append_escaped(std::string& out, std::string_view text) {
  const auto shown = std::min(text.size(), text_bytes_max);
  const auto size = static_cast<std::int32_t>(shown);
  for (std::int32_t at = 0; at < size;) {
    const std::int32_t start = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, size, c);  // NOLINT(cppcoreguidelines-pro-bounds-pointer-arithmetic)
    if (c < 0) {
      out += "\xEF\xBF\xBD";  // U+FFFD
    } else if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (is_dangerous(c)) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out.append(text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(at - start)));
    }
  }
  if (shown < text.size()) out += "...";
}

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  append_escaped(out, text);
  out.push_back('"');
}

void append_value(std::string& out, const Value& value) {
  const auto& held = value.get();
  if (const auto* integer = std::get_if<std::int64_t>(&held)) {
    out += fmt::format_int(*integer).c_str();
  } else if (const auto* flag = std::get_if<bool>(&held)) {
    out += *flag ? "true" : "false";
  } else if (const auto* real = std::get_if<double>(&held)) {
    out += std::isfinite(*real) ? json::number(*real) : "null";
  } else {
    append_quoted(out, std::get<std::string>(held));
  }
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_quoted(out, text);
}

std::string_view colour(Level level) {
  switch (level) {
    case Level::error: return "\x1b[31m";
    case Level::warn: return "\x1b[33m";
    case Level::info: return "\x1b[32m";
    case Level::debug: return "\x1b[2m";
  }
  return "";
}

}  // namespace

std::string json_line(const Line& line) {
  std::string out;
  out.reserve(256);
  out += "{\"time\":\"";
  out += to_iso8601(line.time);
  out += "\",\"level\":\"";
  out += name(line.level);
  out.push_back('"');
  if (!line.instance.empty()) append_member(out, "instance", line.instance);
  const auto append_field = [&out](const FieldValue& field) {
    out += ",\"";
    out += name(field.field);
    out += "\":";
    append_value(out, field.value);
  };
  for (const auto& field : line.fields) {
    if (field.field == Field::request_id) append_field(field);
  }
  append_member(out, "component", line.component);
  append_member(out, "message", line.message);
  for (const auto& field : line.fields) {
    if (field.field != Field::request_id) append_field(field);
  }
  out += "}\n";
  return out;
}

std::string pretty_line(const Line& line) {
  std::string out =
      fmt::format("\x1b[2m{}\x1b[0m {}{:<5}\x1b[0m \x1b[36m{}\x1b[0m ", to_iso8601(line.time).substr(11, 12),
                  colour(line.level), name(line.level), line.component);
  append_escaped(out, line.message);
  for (const auto& field : line.fields) {
    out += fmt::format(" \x1b[2m{}=\x1b[0m", name(field.field));
    append_value(out, field.value);
  }
  out.push_back('\n');
  return out;
}

}  // namespace mcp::log
