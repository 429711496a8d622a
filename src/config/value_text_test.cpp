// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/value_text.hpp"

#include <gtest/gtest.h>

#include "config/dotenv.hpp"
#include "config/network_range.hpp"
#include "config/spelling.hpp"

namespace mcp::config {
namespace {

// Protects times and limits from being read as something else than was meant.
TEST(Duration, IsSecondsOrANumberWithItsUnit) {
  EXPECT_EQ(parse_duration("0"), std::chrono::seconds{0});
  EXPECT_EQ(parse_duration("90"), std::chrono::seconds{90});
  EXPECT_EQ(parse_duration("90s"), std::chrono::seconds{90});
  EXPECT_EQ(parse_duration("15m"), std::chrono::minutes{15});
  EXPECT_EQ(parse_duration("24h"), std::chrono::hours{24});
  EXPECT_EQ(parse_duration("7d"), std::chrono::days{7});
  for (const char* text :
       {"", "s", "h", "-1", "-1h", "1.5h", "1 h", "1w", "24H", "1h30m", "99999999999999999999d", "9999999999"}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

TEST(TimeOfDay, IsHoursAndMinutes) {
  EXPECT_EQ(parse_time_of_day("00:00"), std::chrono::minutes{0});
  EXPECT_EQ(parse_time_of_day("23:59"), std::chrono::minutes{1439});
  for (const char* text : {"", "24:00", "12:60", "1:00", "01:0", "01-00", "+1:00", "-1:00", "01:00:00"}) {
    EXPECT_FALSE(parse_time_of_day(text).has_value()) << text;
  }
}

TEST(Url, IsPlainHttpOrHttps) {
  EXPECT_EQ(parse_url("HTTPS://[::1]:8443/a?b")->host, "::1");
  EXPECT_EQ(parse_url("https://a.example")->rest, "");
  EXPECT_EQ(parse_url("https://a.example:1/x")->rest, "/x");
  for (const char* text : {"", "a.example", "ftp://a", "https://", "https:///x", "https://u:p@a.example",
                           "https://a.example:0", "https://a.example:65536", "https://a.example:", "https://a b",
                           "https://a#b", "https://[::1", "https://[::1]x"}) {
    EXPECT_FALSE(parse_url(text).has_value()) << text;
  }
}

// Protects who may reach the server: a block holds exactly its own addresses.
struct RangeCase {
  const char* range;
  const char* inside;
  const char* outside;
};
class NetworkRangeOf : public testing::TestWithParam<RangeCase> {};

TEST_P(NetworkRangeOf, HoldsItsAddressesOnly) {
  const auto range = NetworkRange::parse(GetParam().range);
  ASSERT_TRUE(range.has_value());
  EXPECT_TRUE(range->contains(GetParam().inside));
  EXPECT_FALSE(range->contains(GetParam().outside));
}

INSTANTIATE_TEST_SUITE_P(, NetworkRangeOf,
                         testing::Values(RangeCase{"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
                                         RangeCase{"192.168.4.0/22", "192.168.7.255", "192.168.8.0"},
                                         RangeCase{"192.168.5.77/22", "192.168.4.0", "192.168.3.255"},
                                         RangeCase{"10.1.2.3", "10.1.2.3", "10.1.2.4"},
                                         RangeCase{"10.1.2.3/32", "10.1.2.3", "10.1.2.2"},
                                         RangeCase{"0.0.0.0/0", "255.255.255.255", "::1"},
                                         RangeCase{"::/0", "fe80::1", "10.0.0.1"},
                                         RangeCase{"10.0.0.0/8", "::ffff:10.1.1.1", "::ffff:11.1.1.1"},
                                         RangeCase{"fe80::/10", "fe80::1%eth0", "fec0::1"},
                                         RangeCase{"2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"},
                                         RangeCase{"2001:db8::1", "2001:db8::1", "not an address"}));

TEST(NetworkRanges, AreReadStrictly) {
  EXPECT_TRUE(NetworkRanges::parse("")->empty());
  EXPECT_EQ(NetworkRanges::parse("10.1.2.3/8, ::1")->texts(), (std::vector<std::string>{"10.0.0.0/8", "::1/128"}));
  EXPECT_TRUE(NetworkRanges::parse("10.0.0.0/8,::/0")->is_open_to_all());
  EXPECT_FALSE(NetworkRanges::parse("10.0.0.0/8")->is_open_to_all());
  for (const char* text : {",", "10.0.0.0/8,", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/-1",
                           "10.0.0.0/8x", "x", "10.0.0.0 /8", "010.0.0.0/8", "fe80::1%eth0/64"}) {
    EXPECT_FALSE(NetworkRanges::parse(text).has_value()) << text;
  }
}

TEST(Loopback, IsKnownInEveryForm) {
  for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host : {"", "0.0.0.0", "::", "127.0.0.1.example", "localhost.example", "10.0.0.1"})
    EXPECT_FALSE(is_loopback(host)) << host;
}

std::string dotenv_value(std::string_view text) {
  const auto parsed = parse_dotenv(text);
  if (!parsed.mistakes.empty())
    return "line " + std::to_string(parsed.mistakes[0].line) + " " + parsed.mistakes[0].message;
  const auto found = parsed.values.find("A");
  return found == parsed.values.end() ? "none" : std::string(found->second.reveal());
}

TEST(Dotenv, ReadsValuesAsTheyStand) {
  EXPECT_EQ(dotenv_value("A=b"), "b");
  EXPECT_EQ(dotenv_value("# comment\n\n  export A = b c  \r\n"), "b c");
  EXPECT_EQ(dotenv_value("A=b#c # comment"), "b#c");
  EXPECT_EQ(dotenv_value("A=x==\n"), "x==");
  EXPECT_EQ(dotenv_value("A="), "");
  EXPECT_EQ(dotenv_value("A=' $B `c` \\n ' # d"), " $B `c` \\n ");
  EXPECT_EQ(dotenv_value("A=\"b\\n\\\"c\\\" \\$d\""), "b\n\"c\" $d");
  EXPECT_EQ(dotenv_value("A=$(reboot)"), "$(reboot)");
}

TEST(Dotenv, NamesTheLineOfAMistakeAndNothingOfIt) {
  EXPECT_EQ(dotenv_value("A=1\nhunter2"), "line 2 is not NAME=value");
  EXPECT_EQ(dotenv_value("1A=x"), "line 1 is not NAME=value");
  EXPECT_EQ(dotenv_value("A='x"), "line 1 the quote is not closed");
  EXPECT_EQ(dotenv_value("A='x' y"), "line 1 the quote is not closed");
  EXPECT_EQ(dotenv_value("A=\"x\\q\""), "line 1 there is an unknown escape between the quotes");
  EXPECT_EQ(dotenv_value("A=1\nA=2"), "line 2 gives a variable a second time");
  EXPECT_EQ(dotenv_value("A=\xFF"), "line 1 is not UTF-8 text");
}

TEST(Spelling, FindsWhatWasMeant) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("prot", "port"), 1U);
  EXPECT_EQ(nearest("srve", {"serve", "setup"}), "serve");
  EXPECT_EQ(nearest("SERVE", {"setup", "serve"}), "serve");
  EXPECT_EQ(nearest("xyz", {"serve", "setup"}), std::nullopt);
  EXPECT_EQ(nearest("", {"serve"}), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'a'), {"serve"}), std::nullopt);
}

}  // namespace
}  // namespace mcp::config
