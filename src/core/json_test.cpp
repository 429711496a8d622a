// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/json.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/limits.hpp"

namespace mcp::json {
namespace {

namespace bj = boost::json;

std::string canonical_of(std::string_view text) {
  const auto value = parse(text);
  return value ? canonical(*value) : "refused: " + value.error().message;
}

std::string refusal_of(std::string_view text) {
  const auto value = parse(text);
  return value ? "accepted" : value.error().message;
}

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

std::string object_with(std::size_t members) {
  std::string text = "{";
  for (std::size_t i = 0; i < members; ++i) text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
  return text + "}";
}

// Protects every reader behind it: what is not plainly one JSON text with one meaning never becomes a value.
struct RefusedCase {
  const char* name;
  std::string text;
  const char* message;
};
class JsonParseRefuses : public testing::TestWithParam<RefusedCase> {};

TEST_P(JsonParseRefuses, WithTheRuleAndWithoutTheInput) {
  const auto value = parse(GetParam().text);
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error().code, ErrorCode::bad_request);
  EXPECT_EQ(value.error().message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    , JsonParseRefuses,
    testing::Values(
        RefusedCase{"empty", "", "the text is not valid JSON"},
        RefusedCase{"blank", "  \n", "the text is not valid JSON"},
        RefusedCase{"cut", R"({"a":1)", "the text is not valid JSON"},
        RefusedCase{"trailing_comma", R"({"a":1,})", "the text is not valid JSON"},
        RefusedCase{"comment", R"({"a":1 /* no */})", "the text is not valid JSON"},
        RefusedCase{"single_quotes", "{'a':1}", "the text is not valid JSON"},
        RefusedCase{"leading_zero", "[01]", "the text is not valid JSON"},
        RefusedCase{"not_a_number", "[NaN]", "the text is not valid JSON"},
        RefusedCase{"byte_order_mark", "\xEF\xBB\xBF{}", "the text is not valid JSON"},
        RefusedCase{"raw_newline_in_string", "[\"a\nb\"]", "the text is not valid JSON"},
        RefusedCase{"raw_nul", std::string("[\"a\0b\"]", 7), "the text is not valid JSON"},
        RefusedCase{"lone_high_surrogate", R"(["\ud800"])", "the text is not valid JSON"},
        RefusedCase{"lone_low_surrogate", R"(["\udc00"])", "the text is not valid JSON"},
        RefusedCase{"reversed_surrogates", R"(["\udc00\ud800"])", "the text is not valid JSON"},
        RefusedCase{"second_text", "{}{}", "there is something behind the JSON text"},
        RefusedCase{"bytes_behind", R"({"a":1} x)", "there is something behind the JSON text"},
        RefusedCase{"nul_behind", std::string("{}\0", 3), "there is something behind the JSON text"},
        RefusedCase{"bad_utf8_in_string", "[\"\xC3\x28\"]", "the text is not valid UTF-8"},
        RefusedCase{"overlong_utf8", "[\"\xC0\xAF\"]", "the text is not valid UTF-8"},
        RefusedCase{"utf8_surrogate", "[\"\xED\xA0\x80\"]", "the text is not valid UTF-8"},
        RefusedCase{"duplicate_key", R"({"a":1,"b":2,"a":3})", "a key occurs twice in one JSON object"},
        RefusedCase{"duplicate_by_escape", R"({"isPrivate":true,"is\u0050rivate":false})",
                    "a key occurs twice in one JSON object"},
        RefusedCase{"duplicate_deeper", R"([{"x":{"a":1,"a":1}}])", "a key occurs twice in one JSON object"},
        RefusedCase{"duplicate_empty_key", R"({"":1,"":2})", "a key occurs twice in one JSON object"},
        RefusedCase{"17_levels", nested(limits::json_depth_max + 1), "the JSON text is nested deeper than 16 levels"},
        RefusedCase{"bottomless", std::string(100'000, '['), "the JSON text is nested deeper than 16 levels"},
        RefusedCase{"201_members", object_with(limits::json_members_max + 1),
                    "a JSON object has more than 200 members"},
        RefusedCase{"5000_members", object_with(5000), "a JSON object has more than 200 members"},
        RefusedCase{"number_too_large", "[1e309]", "a JSON number is out of range"},
        RefusedCase{"exponent_too_large", "[1e99999999999]", "a JSON number is out of range"},
        RefusedCase{"integer_not_exact", "[9007199254740992]", "a JSON number is out of range"},
        RefusedCase{"negative_integer_not_exact", "[-9007199254740992]", "a JSON number is out of range"},
        RefusedCase{"integer_beyond_64_bits", "[18446744073709551616]", "a JSON number is out of range"},
        RefusedCase{"integer_beyond_int64", "[9223372036854775808]", "a JSON number is out of range"}),
    [](const auto& test) { return "case_" + std::string(test.param.name); });

TEST(JsonParse, AcceptsWhatLiesJustInsideItsBounds) {
  EXPECT_EQ(refusal_of(nested(limits::json_depth_max)), "accepted");
  EXPECT_EQ(refusal_of(object_with(limits::json_members_max)), "accepted");
  EXPECT_EQ(refusal_of("[9007199254740991,-9007199254740991,1e308,-1e308]"), "accepted");
  EXPECT_EQ(refusal_of(" \t\r\n{\"a\":1}\r\n "), "accepted");
  EXPECT_EQ(refusal_of("3"), "accepted");
}

// The same key in two objects is no duplicate, in whatever order they open and close.
TEST(JsonParse, LooksForDuplicatesPerObject) {
  EXPECT_EQ(refusal_of(R"({"a":{"a":{"a":1}},"b":{"a":[{"a":1},{"a":2}]}})"), "accepted");
  EXPECT_EQ(refusal_of(R"({"a":{"b":1},"b":2,"a":3})"), "a key occurs twice in one JSON object");
}

// Protects hashed bytes: a number read to a neighbour of the nearest double gives another canonical text.
TEST(JsonParse, ReadsNumbersToTheNearestDouble) {
  for (const char* text : {"333333333.3333333", "1.7976931348623157e+308", "5e-324", "9007199254740993.0e0", "0.1",
                           "2.2250738585072011e-308", "123456789.12345679", "7.038531e-26", "1.448997445238699"}) {
    const auto value = parse(text);
    ASSERT_TRUE(value.has_value()) << text;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(value->to_number<double>()),
              std::bit_cast<std::uint64_t>(std::strtod(text, nullptr)))
        << text;
  }
}

// An operator is told where the mistake in the file is; a client never sees its input again.
TEST(JsonParse, TellsWhereItStopped) {
  Position at;
  ASSERT_FALSE(parse("{\n  \"port\": 1,\n  \"port\": 2\n}", at).has_value());
  EXPECT_EQ(at.duplicate_key, "port");
  ASSERT_FALSE(parse("{\n  \"port\": x\n}", at).has_value());
  EXPECT_EQ(at.line, 2U);
  EXPECT_EQ(at.column, 11U);
  EXPECT_EQ(at.duplicate_key, "");
}

// RFC 8785 appendix B: bits of a double, and its text.
struct NumberCase {
  std::uint64_t bits;
  const char* text;
};
class JsonNumber : public testing::TestWithParam<NumberCase> {};

TEST_P(JsonNumber, IsWrittenAsEcmaScriptDoes) {
  EXPECT_EQ(number(std::bit_cast<double>(GetParam().bits)), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc8785AppendixB, JsonNumber,
    testing::Values(
        NumberCase{0x0000000000000000, "0"}, NumberCase{0x8000000000000000, "0"},
        NumberCase{0x0000000000000001, "5e-324"}, NumberCase{0x8000000000000001, "-5e-324"},
        NumberCase{0x7fefffffffffffff, "1.7976931348623157e+308"},
        NumberCase{0xffefffffffffffff, "-1.7976931348623157e+308"}, NumberCase{0x4340000000000000, "9007199254740992"},
        NumberCase{0xc340000000000000, "-9007199254740992"}, NumberCase{0x4430000000000000, "295147905179352830000"},
        NumberCase{0x44b52d02c7e14af5, "9.999999999999997e+22"}, NumberCase{0x44b52d02c7e14af6, "1e+23"},
        NumberCase{0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        NumberCase{0x444b1ae4d6e2ef4e, "999999999999999700000"},
        NumberCase{0x444b1ae4d6e2ef4f, "999999999999999900000"}, NumberCase{0x444b1ae4d6e2ef50, "1e+21"},
        NumberCase{0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"}, NumberCase{0x3eb0c6f7a0b5ed8d, "0.000001"},
        NumberCase{0x41b3de4355555553, "333333333.3333332"}, NumberCase{0x41b3de4355555554, "333333333.33333325"},
        NumberCase{0x41b3de4355555555, "333333333.3333333"}, NumberCase{0x41b3de4355555556, "333333333.3333334"},
        NumberCase{0x41b3de4355555557, "333333333.33333343"},
        NumberCase{0xbecbf647612f3696, "-0.0000033333333333333333"},
        NumberCase{0x43143ff3c1cb0959, "1424953923781206.2"}));

INSTANTIATE_TEST_SUITE_P(Plain, JsonNumber,
                         testing::Values(NumberCase{0x3ff0000000000000, "1"}, NumberCase{0xbff8000000000000, "-1.5"},
                                         NumberCase{0x4059000000000000, "100"}, NumberCase{0x3f50624dd2f1a9fc, "0.001"},
                                         NumberCase{0x3e112e0be826d695, "1e-9"}));

// RFC 8785 section 3.2.2 and 3.2.3: the input and output printed there.
TEST(JsonCanonical, WritesTheExampleOfTheStandard) {
  EXPECT_EQ(canonical_of(R"({
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  })"),
            R"({"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],)"
            "\"string\":\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

TEST(JsonCanonical, SortsMembersByUtf16CodeUnits) {
  EXPECT_EQ(canonical_of(R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
      "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"})"),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xC2\x80\":\"Control\","
            "\"\xC3\xB6\":\"Latin Small Letter O With Diaeresis\",\"\xE2\x82\xAC\":\"Euro Sign\","
            "\"\xF0\x9F\x98\x80\":\"Emoji: Grinning Face\",\"\xEF\xAC\xB3\":\"Hebrew Letter Dalet With Dagesh\"}");
  EXPECT_EQ(canonical_of(R"({"ab":1,"a":2,"":3,"aa":4})"), R"({"":3,"a":2,"aa":4,"ab":1})");
}

TEST(JsonCanonical, IsItsOwnFixedPoint) {
  const std::string once = canonical_of(R"({ "b" : [1.0, -0, 10E1, {"z":null,"y":{}}], "a" : "\u007f\u2028\u0000" })");
  EXPECT_EQ(once, "{\"a\":\"\x7F\xE2\x80\xA8\\u0000\",\"b\":[1,0,100,{\"y\":{},\"z\":null}]}");
  EXPECT_EQ(canonical_of(once), once);
}

TEST(JsonQuoted, EscapesWhatTheStandardNamesAndNothingElse) {
  EXPECT_EQ(quoted("a\"b\\c/\b\f\n\r\t\x01\x1f\x7f"), "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
  EXPECT_EQ(quoted(""), "\"\"");
}

}  // namespace
}  // namespace mcp::json
