// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects rate limits, network ranges and audit entries: the address they use cannot be chosen by the client.
#include "http/request_origin.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/id.hpp"

namespace mcp::http {
namespace {

struct HopCase {
  const char* name;
  const char* peer;
  std::vector<std::string> forwarded;  // header lines, top to bottom
  const char* client;
};

class ForwardedFor : public testing::TestWithParam<HopCase> {};

TEST_P(ForwardedFor, CountsTheRightMostHopThatIsNoTrustedProxy) {
  const net::AddressRanges proxies({"10.0.0.0/8", "fd00::/8"});
  Request request;
  for (const std::string& line : GetParam().forwarded) request.headers.emplace_back("x-forwarded-for", line);
  identify_origin(request, GetParam().peer, false, proxies);
  EXPECT_EQ(request.origin.ip_address, GetParam().client);
}

INSTANTIATE_TEST_SUITE_P(
    , ForwardedFor,
    testing::Values(HopCase{"none", "10.0.0.1", {}, "10.0.0.1"},
                    HopCase{"untrusted_peer", "203.0.113.1", {"198.51.100.1"}, "203.0.113.1"},
                    HopCase{"one_hop", "10.0.0.1", {"198.51.100.1"}, "198.51.100.1"},
                    HopCase{"made_up_by_the_client", "10.0.0.1", {"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
                    HopCase{"claims_to_be_a_proxy", "10.0.0.1", {"10.9.9.9, 198.51.100.1"}, "198.51.100.1"},
                    HopCase{"chain_of_proxies", "10.0.0.1", {"198.51.100.1, 10.0.0.2,10.0.0.3"}, "198.51.100.1"},
                    HopCase{"two_lines", "10.0.0.1", {"1.1.1.1", "198.51.100.1"}, "198.51.100.1"},
                    HopCase{"two_lines_of_proxies", "10.0.0.1", {"198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
                    HopCase{"only_proxies", "10.0.0.1", {"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
                    HopCase{"no_address", "10.0.0.1", {"198.51.100.1, unknown"}, "10.0.0.1"},
                    HopCase{"no_address_behind_a_proxy", "10.0.0.1", {"evil, 10.0.0.2"}, "10.0.0.2"},
                    HopCase{"empty", "10.0.0.1", {""}, "10.0.0.1"},
                    HopCase{"port", "10.0.0.1", {"198.51.100.1:4711"}, "198.51.100.1"},
                    HopCase{"ipv6", "10.0.0.1", {"2001:DB8::1"}, "2001:db8::1"},
                    HopCase{"ipv6_with_port", "10.0.0.1", {"[2001:db8::1]:4711"}, "2001:db8::1"},
                    HopCase{"ipv6_open_bracket", "10.0.0.1", {"[2001:db8::1"}, "2001:db8::1"},
                    HopCase{"mapped", "fd00::1", {"::ffff:198.51.100.1"}, "198.51.100.1"}),
    [](const auto& info) { return info.param.name; });

TEST(RequestOrigin, BelievesTheSchemeOfATrustedProxyOnly) {
  const net::AddressRanges proxies({"10.0.0.0/8"});
  Request request;
  request.headers.emplace_back("x-forwarded-proto", "https");
  identify_origin(request, "203.0.113.1", false, proxies);
  EXPECT_FALSE(request.is_tls);
  identify_origin(request, "10.0.0.1", false, proxies);
  EXPECT_TRUE(request.is_tls);
}

TEST(RequestOrigin, KeepsAGoodRequestIdAndReplacesAnyOther) {
  const auto id_of = [](const std::string& sent) {
    Request request;
    request.headers.emplace_back("x-request-id", sent);
    identify_origin(request, "203.0.113.1", false, {});
    return request.origin.request_id;
  };
  EXPECT_EQ(id_of("abc-123_X.9"), "abc-123_X.9");
  EXPECT_EQ(id_of(std::string(64, 'a')), std::string(64, 'a'));
  for (const std::string& bad :
       {std::string("short"), std::string(65, 'a'), std::string("has blank"), std::string("ev\"il<id>"),
        std::string("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"), std::string()}) {
    const std::string made = id_of(bad);
    EXPECT_NE(made, bad);
    EXPECT_TRUE(Uuid::parse(made)) << made;
  }
}

TEST(RequestOrigin, KeepsUserAgentsShortAndUtf8) {
  const auto agent_of = [](const std::string& sent) {
    Request request;
    request.headers.emplace_back("user-agent", sent);
    identify_origin(request, "203.0.113.1", false, {});
    return request.origin.user_agent;
  };
  EXPECT_EQ(agent_of("Mozilla/5.0"), "Mozilla/5.0");
  EXPECT_EQ(agent_of(std::string(600, 'a')), std::string(512, 'a'));
  EXPECT_EQ(agent_of(std::string(511, 'a') + "\xc3\xa4"), std::string(511, 'a')) << "a character was split";
  EXPECT_EQ(agent_of("bad \xff bytes"), "");
}

}  // namespace
}  // namespace mcp::http
