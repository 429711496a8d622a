// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Writing JSON as RFC 8785 (JSON Canonicalization Scheme) prescribes.
#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "core/check.hpp"
#include "core/json.hpp"

namespace mcp::json {
namespace {

namespace bj = boost::json;

// Integers up to here are exact in IEEE 754 doubles, the only number type of RFC 8785.
constexpr std::int64_t exact_integer_max = (1LL << 53) - 1;

void append_quoted(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out.push_back('"');
  std::size_t plain = 0;  // start of what can be copied as it is
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, at - plain);
    plain = at + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out += "\\u00";
        out.push_back(hex[c >> 4]);
        out.push_back(hex[c & 0x0F]);
    }
  }
  out.append(text, plain);
  out.push_back('"');
}

// Section 3.2.3 sorts by UTF-16 code units. That is the order of UTF-8 bytes, save that U+E000..U+FFFF (lead bytes EE,
// EF) come behind the surrogate pairs of U+10000 and above (lead bytes F0..F4).
bool less_in_utf16(std::string_view a, std::string_view b) {
  const auto differs = std::ranges::mismatch(a, b);
  if (differs.in2 == b.end()) return false;
  if (differs.in1 == a.end()) return true;
  const auto rank = [](char c) {
    const unsigned byte = static_cast<unsigned char>(c);
    return byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte;
  };
  return rank(*differs.in1) < rank(*differs.in2);
}

void append(std::string& out, const bj::value& value);

void append(std::string& out, const bj::object& object) {
  std::vector<const bj::key_value_pair*> members;
  members.reserve(object.size());
  for (const auto& member : object) members.push_back(&member);
  std::ranges::sort(members, [](const auto* a, const auto* b) { return less_in_utf16(a->key(), b->key()); });
  out.push_back('{');
  bool is_first = true;
  for (const auto* member : members) {
    if (!std::exchange(is_first, false)) out.push_back(',');
    append_quoted(out, member->key());
    out.push_back(':');
    append(out, member->value());
  }
  out.push_back('}');
}

void append(std::string& out, const bj::array& array) {
  out.push_back('[');
  bool is_first = true;
  for (const auto& element : array) {
    if (!std::exchange(is_first, false)) out.push_back(',');
    append(out, element);
  }
  out.push_back(']');
}

void append(std::string& out, const bj::value& value) {
  switch (value.kind()) {
    case bj::kind::null: out += "null"; break;
    case bj::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case bj::kind::int64:
      if (std::abs(value.get_int64()) <= exact_integer_max) {
        out += std::to_string(value.get_int64());
      } else {
        out += number(static_cast<double>(value.get_int64()));
      }
      break;
    case bj::kind::uint64: out += number(static_cast<double>(value.get_uint64())); break;
    case bj::kind::double_: out += number(value.get_double()); break;
    case bj::kind::string: append_quoted(out, value.get_string()); break;
    case bj::kind::array: append(out, value.get_array()); break;
    case bj::kind::object: append(out, value.get_object()); break;
  }
}

}  // namespace

std::string number(double value) {
  CHECK(std::isfinite(value));
  if (value == 0) return "0";  // minus zero, too
  std::array<char, 32> buffer{};
  const auto written =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  CHECK(written.ec == std::errc{});
  std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));

  // ECMAScript Number::toString (ECMA-262 section 6.1.6.1.20): value = 0.digits * 10^point.
  std::string out = text.starts_with('-') ? "-" : "";
  text.remove_prefix(out.size());
  const auto e = text.find('e');
  std::string digits(1, text.front());
  if (e > 2) digits.append(text, 2, e - 2);
  int exponent = 0;
  const char* exponent_begin = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(exponent_begin, text.data() + text.size(), exponent);
  const int point = exponent + 1;
  const int count = static_cast<int>(digits.size());

  if (count <= point && point <= 21) return out + digits + std::string(static_cast<std::size_t>(point - count), '0');
  if (0 < point && point <= 21) {
    return out + digits.insert(static_cast<std::size_t>(point), 1, '.');
  }
  if (-6 < point && point <= 0) return out + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  if (count > 1) digits.insert(1, 1, '.');
  return out + digits + 'e' + (exponent < 0 ? '-' : '+') + std::to_string(std::abs(exponent));
}

std::string quoted(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_quoted(out, text);
  return out;
}

std::string canonical(const bj::value& value) {
  std::string out;
  append(out, value);
  return out;
}

}  // namespace mcp::json
