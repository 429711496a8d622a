// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/json.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "core/limits.hpp"
#include "core/utf8.hpp"

namespace mcp::json {
namespace {

namespace bj = boost::json;

// Integers beyond this are not exact in IEEE 754 doubles, so a client in JavaScript would read another number (RFC 8785
// section 3.2.2.3, RFC 7493 section 2.2).
constexpr std::int64_t exact_integer_max = (1LL << 53) - 1;

// What went wrong that Boost.JSON itself does not look for.
enum class Refused : std::uint8_t { no, duplicate_key, too_many_members, number_out_of_range };

// Builds the value and refuses what RFC 8259 leaves open. basic_parser wants exactly these members.
class StrictHandler {
 public:
  static constexpr std::size_t max_object_size = limits::json_members_max + 1;  // ours refuses first
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::uint32_t>::max() / 2;
  static constexpr std::size_t max_string_size = std::numeric_limits<std::uint32_t>::max() / 2;

  explicit StrictHandler(bj::storage_ptr memory) { stack_.reset(std::move(memory)); }

  bj::value release() { return stack_.release(); }
  const std::string& duplicate_key() const { return duplicate_key_; }
  Refused refused() const { return refused_; }

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code&) {
    open_objects_.push_back(keys_.size());
    return true;
  }
  bool on_object_end(std::size_t members, bj::error_code& ec) {
    const std::size_t first = open_objects_.back();
    open_objects_.pop_back();
    if (has_duplicate(first)) return refuse(Refused::duplicate_key, ec);
    keys_.resize(first);
    stack_.push_object(members);
    return true;
  }
  bool on_array_begin(bj::error_code&) { return true; }
  bool on_array_end(std::size_t elements, bj::error_code&) {
    stack_.push_array(elements);
    return true;
  }
  bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) {
    key_.append(part);
    stack_.push_chars(part);
    return true;
  }
  bool on_key(bj::string_view part, std::size_t, bj::error_code& ec) {
    key_.append(part);
    if (keys_.size() - open_objects_.back() == limits::json_members_max) return refuse(Refused::too_many_members, ec);
    keys_.push_back(std::exchange(key_, {}));
    stack_.push_key(part);
    return true;
  }
  bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(bj::string_view part, std::size_t, bj::error_code&) {
    stack_.push_string(part);
    return true;
  }
  bool on_number_part(bj::string_view part, bj::error_code&) {
    number_.append(part);
    return true;
  }
  bool on_int64(std::int64_t value, bj::string_view, bj::error_code& ec) {
    number_.clear();
    if (value > exact_integer_max || value < -exact_integer_max) return refuse(Refused::number_out_of_range, ec);
    stack_.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t, bj::string_view, bj::error_code& ec) {  // only above the range of int64
    return refuse(Refused::number_out_of_range, ec);
  }
  bool on_double(double, bj::string_view part, bj::error_code& ec) {
    // Boost.JSON 1.81 rounds some numbers to a neighbour of the nearest double, which would change hashed bytes.
    const std::string text = std::exchange(number_, {}).append(part);
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_integer = text.find_first_of(".eE") == std::string::npos && text != "-0";
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || !std::isfinite(value) || is_integer) {
      return refuse(Refused::number_out_of_range, ec);
    }
    stack_.push_double(value);
    return true;
  }
  bool on_bool(bool value, bj::error_code&) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(bj::error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

 private:
  bool refuse(Refused why, bj::error_code& ec) {
    refused_ = why;
    ec = bj::make_error_code(bj::error::syntax);
    return false;
  }
  bool has_duplicate(std::size_t first) {
    const std::span<std::string> keys = std::span(keys_).subspan(first);
    if (keys.size() < 2) return false;
    std::ranges::sort(keys);
    const auto duplicate = std::ranges::adjacent_find(keys);
    if (duplicate == keys.end()) return false;
    duplicate_key_ = *duplicate;
    return true;
  }

  bj::value_stack stack_;
  std::vector<std::string> keys_;          // of all open objects, outermost first
  std::vector<std::size_t> open_objects_;  // where each one's keys begin
  std::string key_;                        // parts of the key being read
  std::string number_;                     // parts of the number being read
  std::string duplicate_key_;
  Refused refused_ = Refused::no;
};

std::string_view explain(Refused refused, const bj::error_code& ec) {
  switch (refused) {
    case Refused::duplicate_key: return "a key occurs twice in one JSON object";
    case Refused::too_many_members: return "a JSON object has more than 200 members";
    case Refused::number_out_of_range: return "a JSON number is out of range";
    case Refused::no: break;
  }
  if (ec == bj::error::too_deep) return "the JSON text is nested deeper than 16 levels";
  if (ec == bj::error::extra_data) return "there is something behind the JSON text";
  if (ec == bj::error::exponent_overflow) return "a JSON number is out of range";
  return "the text is not valid JSON";
}

static_assert(limits::json_depth_max == 16 && limits::json_members_max == 200, "the texts above name them");

bool is_json_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

Position position_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line_start = before.rfind('\n') + 1;  // 0 when there is none
  return {.line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n')),
          .column = 1 + before.size() - line_start,
          .duplicate_key = {}};
}

Result<bj::value> parse_at(std::string_view text, bj::storage_ptr memory, Position* stopped_at) {
  if (!utf8::is_valid(text)) return fail(ErrorCode::bad_request, "the text is not valid UTF-8");
  bj::parse_options options;
  options.max_depth = limits::json_depth_max;
  bj::basic_parser<StrictHandler> parser(options, std::move(memory));
  bj::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && !std::ranges::all_of(text.substr(used), is_json_space)) ec = bj::error::extra_data;
  if (!ec) return parser.handler().release();
  if (stopped_at != nullptr) {
    *stopped_at = position_of(text, used);
    stopped_at->duplicate_key = parser.handler().duplicate_key();
  }
  return fail(ErrorCode::bad_request, std::string(explain(parser.handler().refused(), ec)));
}

}  // namespace

Result<bj::value> parse(std::string_view text, bj::storage_ptr memory) {
  return parse_at(text, std::move(memory), nullptr);
}

Result<bj::value> parse(std::string_view text, Position& stopped_at) { return parse_at(text, {}, &stopped_at); }

}  // namespace mcp::json
