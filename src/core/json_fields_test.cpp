// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "core/json.hpp"

namespace mcp::json {
namespace {

namespace bj = boost::json;

bj::object object(std::string_view text) { return parse(text).value().as_object(); }

// "field:code ..." of a failed finish(), in order; "ok" otherwise.
std::string findings(Fields& fields, Unknown unknown = Unknown::refuse) {
  const auto done = fields.finish(unknown);
  if (done) return "ok";
  std::string text;
  for (const auto& error : done.error().fields) {
    text += (text.empty() ? "" : " ") + error.field + ":" + std::string(name(error.code));
  }
  return text;
}

constexpr TextRule name_rule{.min = 2, .max = 5, .allow_line_breaks = false, .trim_and_normalise = true};

// Protects contract-rest 1.1 "Strings": one table for all that a name may and may not be.
struct TextCase {
  const char* name;
  const char* json;
  TextRule rule;
  const char* outcome;  // the text, or "!code"
};
class JsonText : public testing::TestWithParam<TextCase> {};

TEST_P(JsonText, KeepsToItsRule) {
  const auto body = object(GetParam().json);
  Fields fields(body);
  const auto text = fields.text("t", GetParam().rule);
  const auto outcome = findings(fields);
  const std::string expected = GetParam().outcome;
  if (expected.starts_with('!')) {
    EXPECT_EQ(outcome, "t:" + expected.substr(1));
    EXPECT_EQ(text, "");
  } else {
    EXPECT_EQ(outcome, "ok");
    EXPECT_EQ(text, expected);
  }
}

constexpr TextRule body_rule{.min = 1, .max = 10, .allow_line_breaks = true, .trim_and_normalise = false};

INSTANTIATE_TEST_SUITE_P(
    , JsonText,
    testing::Values(
        TextCase{"plain", R"({"t":"abc"})", name_rule, "abc"}, TextCase{"shortest", R"({"t":"ab"})", name_rule, "ab"},
        TextCase{"longest_counts_code_points", R"({"t":"\ud83d\ude00\u00e9\u00e9\u00e9\u00e9"})", name_rule, "😀éééé"},
        TextCase{"too_long", R"({"t":"abcdef"})", name_rule, "!too_long"},
        TextCase{"too_short", R"({"t":"a"})", name_rule, "!too_short"},
        TextCase{"trimmed_before_it_is_counted", R"({"t":"  \u00a0a\u3000 "})", name_rule, "!too_short"},
        TextCase{"trimmed", R"({"t":"\u2003ab \u00a0"})", name_rule, "ab"},
        TextCase{"composed_before_it_is_counted", R"({"t":"e\u0301e\u0301e\u0301e\u0301e\u0301"})", name_rule, "ééééé"},
        TextCase{"line_break_in_a_name", R"({"t":"a\nb"})", name_rule, "!format"},
        TextCase{"nul_in_a_name", R"({"t":"a\u0000b"})", name_rule, "!format"},
        TextCase{"escape_in_a_name", R"({"t":"a\u001bb"})", name_rule, "!format"},
        TextCase{"line_breaks_in_a_text", R"({"t":"a\t\r\nb"})", body_rule, "a\t\r\nb"},
        TextCase{"nul_in_a_text", R"({"t":"a\u0000"})", body_rule, "!format"},
        TextCase{"vertical_tab_in_a_text", R"({"t":"a\u000b"})", body_rule, "!format"},
        TextCase{"text_kept_byte_for_byte", R"({"t":" e\u0301 "})", body_rule, " e\xCC\x81 "},
        TextCase{"missing", R"({})", name_rule, "!required"}, TextCase{"null", R"({"t":null})", name_rule, "!required"},
        TextCase{"number", R"({"t":5})", name_rule, "!type"},
        TextCase{"array", R"({"t":["abc"]})", name_rule, "!type"}),
    [](const auto& test) { return test.param.name; });

// The client sees every mistake at once, in the order the fields are read.
TEST(JsonFields, CollectsAllFindings) {
  const auto body = object(R"({"a":1,"b":"no-uuid","c":"yes","d":7.5,"e":99,"f":[],"x":1,"_csrf":"t"})");
  Fields fields(body);
  (void)fields.text("a", name_rule);
  (void)fields.uuid("b");
  (void)fields.optional_bool("c");
  (void)fields.optional_integer("d", 0, 10);
  (void)fields.optional_integer("e", 0, 10);
  (void)fields.optional_object("f", 100);
  (void)fields.boolean("g");
  EXPECT_EQ(findings(fields), "a:type b:format c:type d:type e:out_of_range f:type g:required x:unknown_field");
}

TEST(JsonFields, IgnoresUnknownMembersOnlyWhereToldTo) {
  const auto body = object(R"({"text":"hello","isPrivat":true})");
  Fields strict(body);
  (void)strict.text("text", body_rule);
  EXPECT_EQ(findings(strict), "isPrivat:unknown_field");
  Fields lax(body);
  (void)lax.text("text", body_rule);
  EXPECT_EQ(findings(lax, Unknown::ignore), "ok");
}

TEST(JsonFields, ShowsALongUnknownNameShortened) {
  bj::object body;
  body[std::string(63, 'a') + "é" + std::string(5000, 'b')] = 1;
  Fields fields(body);
  EXPECT_EQ(findings(fields), std::string(63, 'a') + "...:unknown_field");
}

TEST(JsonFields, TellsNullFromAbsent) {
  const auto body = object(R"({"a":null,"b":"x"})");
  Fields fields(body);
  EXPECT_EQ(fields.optional_text("a", body_rule), std::nullopt);
  EXPECT_TRUE(fields.clears("a"));
  EXPECT_FALSE(fields.has("a"));
  EXPECT_FALSE(fields.clears("b"));
  EXPECT_TRUE(fields.has("b"));
  EXPECT_FALSE(fields.clears("c"));
  EXPECT_EQ(fields.optional_text("b", body_rule), "x");
  EXPECT_EQ(findings(fields), "ok");
}

TEST(JsonFields, ReadsWholeNumbersHoweverTheyAreWritten) {
  const auto body = object(R"({"a":5,"b":5.0,"c":5e0,"d":-1,"e":"5","f":true})");
  Fields fields(body);
  EXPECT_EQ(fields.optional_integer("a", 5, 5), 5);
  EXPECT_EQ(fields.optional_integer("b", 5, 5), 5);
  EXPECT_EQ(fields.optional_integer("c", 5, 5), 5);
  EXPECT_EQ(fields.integer("d", 0, 9), 0);
  EXPECT_EQ(fields.optional_integer("e", 0, 9), std::nullopt);
  EXPECT_EQ(fields.optional_integer("f", 0, 9), std::nullopt);
  EXPECT_EQ(findings(fields), "d:out_of_range e:type f:type");
}

TEST(JsonFields, BoundsAndCanonicalisesMetadata) {
  const auto body =
      object(R"({"ok":{"b":1,"a":[1.50]},"big":{"k":"0123456789"},"nul":{"k":["\u0000"]},"key":{"\u0007":1}})");
  Fields fields(body);
  EXPECT_EQ(fields.optional_object("ok", 19), R"({"a":[1.5],"b":1})");
  EXPECT_EQ(fields.optional_object("big", 17), std::nullopt);
  EXPECT_EQ(fields.optional_object("nul", 100), std::nullopt);
  EXPECT_EQ(fields.optional_object("key", 100), std::nullopt);
  EXPECT_EQ(findings(fields), "big:too_long nul:format key:format");
}

TEST(JsonFields, NamesNestedFindingsByPath) {
  const auto body = object(R"({"preferences":[{"contextType":"dm"},{"contextType":5,"extra":1}]})");
  Fields fields(body);
  const auto* list = fields.optional_array("preferences", 10);
  ASSERT_NE(list, nullptr);
  for (std::size_t i = 0; i < list->size(); ++i) {
    Fields item(list->at(i).as_object(), fields.path_of("preferences[" + std::to_string(i) + "]"));
    (void)item.text("contextType", name_rule);
    fields.adopt(std::move(item), Unknown::refuse);
  }
  EXPECT_EQ(findings(fields), "preferences[1].contextType:type preferences[1].extra:unknown_field");
}

TEST(JsonFields, ReadsAListOfDistinctIds) {
  const auto body =
      object(R"({"ids":["00000000-0000-0000-0000-000000000001","x",5,"00000000-0000-0000-0000-000000000001"],
                               "many":[1,2,3]})");
  Fields fields(body);
  (void)fields.optional_uuids("ids", 4);
  EXPECT_EQ(fields.optional_uuids("many", 2), std::nullopt);
  EXPECT_EQ(fields.optional_uuids("none", 2), std::nullopt);
  EXPECT_EQ(findings(fields), "ids[1]:format ids[2]:type ids[3]:not_allowed many:too_long");
}

}  // namespace
}  // namespace mcp::json
