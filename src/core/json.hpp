// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/fwd.hpp>
#include <boost/json/storage_ptr.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/id.hpp"
#include "core/result.hpp"

// The one JSON reader: REST bodies, WebSocket frames and config.json go through it.
namespace mcp::json {

// Parses one JSON text strictly: UTF-8, nothing behind it, at most limits::json_depth_max levels, at most
// limits::json_members_max members in an object, no duplicate key.
//   fails   bad_request, with a message that names the rule and never repeats the input
Result<boost::json::value> parse(std::string_view text, boost::json::storage_ptr memory = {});

// RFC 8785 (JCS): the bytes that are hashed. Numbers as ECMAScript writes them, members sorted by UTF-16 code units.
std::string canonical(const boost::json::value& value);

// "…" with the escapes of RFC 8785 section 3.2.2.2; `text` must be valid UTF-8.
std::string quoted(std::string_view text);

enum class Unknown : std::uint8_t { refuse, ignore };  // REST bodies refuse unknown members, WebSocket frames ignore them

struct TextRule {
  std::size_t min = 0;  // code points
  std::size_t max = 0;
  bool allow_line_breaks = false;  // TAB, LF, CR (contract-rest 1.1); no other C0 control, never NUL
  bool trim_and_normalise = false;  // names: trimmed, NFC
};

// Reads the members of one object and collects every field error, so that the client sees all of them at once.
// Each reader returns a harmless value after an error; call finish() before using any.
class Fields {
 public:
  explicit Fields(const boost::json::object& object);

  std::string text(std::string_view field, const TextRule& rule);                          // required
  std::optional<std::string> optional_text(std::string_view field, const TextRule& rule);  // null counts as absent
  Uuid uuid(std::string_view field);
  std::optional<Uuid> optional_uuid(std::string_view field);
  std::optional<bool> optional_bool(std::string_view field);
  std::optional<std::int64_t> optional_integer(std::string_view field, std::int64_t min, std::int64_t max);
  // An object whose canonical JSON has at most `bytes_max` bytes; the result is that canonical text.
  std::optional<std::string> optional_object(std::string_view field, std::size_t bytes_max);
  bool has(std::string_view field) const;  // present and not null

  // Adds a finding of the caller's own about a field.
  void refuse(std::string_view field, FieldCode code, std::string message);

  // Success when every read field was good and, under Unknown::refuse, no member was left unread ("_csrf" excepted).
  Result<> finish(Unknown unknown);

 private:
  const boost::json::value* find(std::string_view field);

  const boost::json::object& object_;
  std::vector<std::string> read_;
  std::vector<FieldError> errors_;
};

}  // namespace mcp::json
