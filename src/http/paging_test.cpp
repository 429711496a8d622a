// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects list requests: a cursor is good for its own list only, made-up ones are refused before they reach a
// statement, and a parameter that nobody reads is named instead of ignored.
#include "http/paging.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcp::http {
namespace {

Request request_with(std::vector<std::pair<std::string, std::string>> query) {
  Request request;
  request.path = "/api/things/\xC3\xA9 x";
  request.query = std::move(query);
  return request;
}

TEST(Paging, ACursorGivesBackItsPlaceInTheListItBelongsTo) {
  const PlaceInList place{"Bed \"4\" \xC3\xA9", "", "7"};
  const auto cursor = encode_cursor("things by name", place);
  EXPECT_EQ(decode_cursor(cursor, "things by name", 3), place);
  EXPECT_FALSE(decode_cursor(cursor, "things by age", 3));
  EXPECT_FALSE(decode_cursor(cursor, "things by name", 2));
}

TEST(Paging, MadeUpCursorsAreRefused) {
  const auto good = encode_cursor("list", {"a"});
  const auto with_nul = encode_cursor("list", {std::string("a\0b", 3)});
  const auto with_bad_utf8 = encode_cursor("list", {"\xC3"});
  for (const auto& cursor : {std::string(), std::string("0"), std::string("zz"), good + "0", good.substr(2), with_nul,
                             with_bad_utf8, std::string(100'000, '0')}) {
    EXPECT_FALSE(decode_cursor(cursor, "list", 1)) << cursor.substr(0, 40);
  }
}

TEST(Paging, ReadsLimitAndAtMostOneCursor) {
  const auto cursor = encode_cursor("list", {"a"});
  const auto read = [](const Request& request) {
    QueryReader query(request);
    return read_page(query, "list", 1);
  };
  EXPECT_EQ(read(request_with({}))->limit, 50U);
  EXPECT_EQ(read(request_with({{"limit", "200"}}))->limit, 200U);
  EXPECT_EQ(read(request_with({{"after", cursor}}))->after, PlaceInList{"a"});
  EXPECT_EQ(read(request_with({{"after", cursor}, {"before", cursor}})).error().code, ErrorCode::bad_request);
  EXPECT_EQ(read(request_with({{"before", "00"}})).error().code, ErrorCode::bad_request);
}

TEST(Paging, LinksRepeatTheRequestWithAnotherCursor) {
  const auto request = request_with({{"search", "a&b"}, {"after", "old"}});
  EXPECT_EQ(link_header(request, {.next = "N", .prev = "P"}),
            "</api/things/%C3%A9%20x?search=a%26b&after=N>; rel=\"next\", "
            "</api/things/%C3%A9%20x?search=a%26b&before=P>; rel=\"prev\"");
  EXPECT_EQ(link_header(request_with({}), {.next = "N", .prev = {}}), "</api/things/%C3%A9%20x?after=N>; rel=\"next\"");
  EXPECT_EQ(link_header(request, {}), "");
}

TEST(QueryReader, NamesEveryErrorAtOnce) {
  const auto request = request_with({{"id", "7"},
                                     {"flag", "1"},
                                     {"count", "99999999999999999999"},
                                     {"size", "5x"},
                                     {"kind", "purple"},
                                     {"word", "a\x01"},
                                     {"later", "x"},
                                     {"misspelt", "x"}});
  QueryReader query(request);
  EXPECT_FALSE(query.uuid("id"));
  EXPECT_FALSE(query.boolean("flag"));
  EXPECT_FALSE(query.integer("count", 0, 10));
  EXPECT_FALSE(query.integer("size", 0, 10));
  EXPECT_FALSE(query.word("kind", {"red", "green"}));
  EXPECT_FALSE(query.text("word", 10));
  query.refuse_if_given("later");
  EXPECT_FALSE(query.text("absent", 10));
  const auto refused = query.finish();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::validation_failed);
  std::vector<std::pair<std::string, FieldCode>> found;
  for (const auto& field : refused.error().fields) found.emplace_back(field.field, field.code);
  EXPECT_THAT(found,
              testing::ElementsAre(
                  testing::Pair("id", FieldCode::format), testing::Pair("flag", FieldCode::type),
                  testing::Pair("count", FieldCode::out_of_range), testing::Pair("size", FieldCode::type),
                  testing::Pair("kind", FieldCode::format), testing::Pair("word", FieldCode::format),
                  testing::Pair("later", FieldCode::not_allowed), testing::Pair("misspelt", FieldCode::unknown_field)));
}

TEST(QueryReader, ReadsGoodValues) {
  const auto request = request_with({{"flag", "true"}, {"count", "-3"}, {"kind", "green"}, {"word", "\xC3\xA9"}});
  QueryReader query(request);
  EXPECT_EQ(query.boolean("flag"), true);
  EXPECT_EQ(query.integer("count", -5, 5), -3);
  EXPECT_EQ(query.word("kind", {"red", "green"}), 1U);
  EXPECT_EQ(query.text("word", 1), "\xC3\xA9");
  EXPECT_TRUE(query.finish());
}

}  // namespace
}  // namespace mcp::http
