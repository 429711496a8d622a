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
// Integers beyond +-(2^53 - 1) and numbers that no double holds are refused; every other number is the nearest double.
//   memory   where the value is built; its resource must outlive the value
//   fails    bad_request, with a message that names the rule and never repeats the input
Result<boost::json::value> parse(std::string_view text, boost::json::storage_ptr memory = {});

// Where parse() stopped, for a file that its own operator wrote.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;     // bytes
  std::string duplicate_key;  // empty when that was not the reason
};
// As above; `stopped_at` is set when it fails.
Result<boost::json::value> parse(std::string_view text, Position& stopped_at);

// RFC 8785 (JCS): the bytes that are hashed. Numbers as ECMAScript writes them, members sorted by UTF-16 code units.
// Numbers must be finite; integers beyond 2^53 are written as the nearest double.
std::string canonical(const boost::json::value& value);

// One finite number as RFC 8785 section 3.2.2.3 writes it: the shortest text that reads back as the same double.
std::string number(double value);

// "…" with the escapes of RFC 8785 section 3.2.2.2; `text` must be valid UTF-8.
std::string quoted(std::string_view text);

enum class Unknown : std::uint8_t {
  refuse,
  ignore
};  // REST bodies refuse unknown members, WebSocket frames ignore them

struct TextRule {
  std::size_t min = 0;  // code points
  std::size_t max = 0;
  bool allow_line_breaks = false;   // TAB, LF, CR (contract-rest 1.1); no other C0 control, never NUL
  bool trim_and_normalise = false;  // names: trimmed, NFC
};

// Reads the members of one object and collects every field error, so that the client sees all of them at once.
// Each reader returns a harmless value after an error; call finish() before using any. A null counts as absent;
// clears() tells the two apart where null means "clear".
class Fields {
 public:
  // `path` stands before the field names in errors: "preferences[3]" gives "preferences[3].contextType".
  explicit Fields(const boost::json::object& object, std::string path = {});

  std::string text(std::string_view field, const TextRule& rule);  // required, as all without "optional"
  std::optional<std::string> optional_text(std::string_view field, const TextRule& rule);
  Uuid uuid(std::string_view field);
  std::optional<Uuid> optional_uuid(std::string_view field);
  bool boolean(std::string_view field);
  std::optional<bool> optional_bool(std::string_view field);
  std::int64_t integer(std::string_view field, std::int64_t min, std::int64_t max);
  std::optional<std::int64_t> optional_integer(std::string_view field, std::int64_t min, std::int64_t max);
  // A list of distinct ids; an element that is none is reported as "field[i]".
  std::optional<std::vector<Uuid>> optional_uuids(std::string_view field, std::size_t count_max);
  // An object whose canonical JSON has at most `bytes_max` bytes; the result is that canonical text. Its strings hold
  // no NUL and no control character but TAB, LF, CR (jsonb takes no NUL).
  std::optional<std::string> optional_object(std::string_view field, std::size_t bytes_max);

  // For a reader of the caller's own: the member, or null (the pointer) when it is absent or of another type
  // (reported). Read a nested object with Fields(*nested, path_of("field")) and hand that to adopt().
  const boost::json::object* optional_nested(std::string_view field);
  const boost::json::array* optional_array(std::string_view field, std::size_t count_max);
  std::string path_of(std::string_view field) const;  // with this object's path in front
  void adopt(Fields nested, Unknown unknown);

  bool has(std::string_view field) const;     // present and not null
  bool clears(std::string_view field) const;  // present and null

  // Adds a finding of the caller's own about a field.
  void refuse(std::string_view field, FieldCode code, std::string message);

  // Success when every read field was good and, under Unknown::refuse, no member was left unread ("_csrf" excepted).
  Result<> finish(Unknown unknown);

 private:
  const boost::json::value* find(std::string_view field);      // marks it as read; null when absent or null
  const boost::json::value* required(std::string_view field);  // reports its absence
  std::optional<std::string> read_text(std::string_view field, const boost::json::value& value, const TextRule& rule);
  std::optional<Uuid> read_uuid(std::string_view field, const boost::json::value& value);
  std::optional<bool> read_bool(std::string_view field, const boost::json::value& value);
  std::optional<std::int64_t> read_integer(std::string_view field, const boost::json::value& value, std::int64_t min,
                                           std::int64_t max);
  void collect_unknown();

  const boost::json::object& object_;
  std::string path_;
  std::vector<bool> read_;  // by place in the object
  std::vector<FieldError> errors_;
};

}  // namespace mcp::json
