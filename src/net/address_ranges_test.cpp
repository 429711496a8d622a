// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the network limits: an address outside a range must never count as inside, however it is written.
#include "net/address_ranges.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace mcp::net {
namespace {

struct RangeCase {
  const char* name;
  const char* network;
  const char* address;
  bool is_inside;
};

class AddressRange : public testing::TestWithParam<RangeCase> {};

TEST_P(AddressRange, ContainsExactlyItsAddresses) {
  const AddressRanges ranges({GetParam().network});
  EXPECT_EQ(ranges.contains(GetParam().address), GetParam().is_inside);
}

INSTANTIATE_TEST_SUITE_P(, AddressRange,
                         testing::Values(RangeCase{"first", "192.168.0.0/16", "192.168.0.0", true},
                                         RangeCase{"last", "192.168.0.0/16", "192.168.255.255", true},
                                         RangeCase{"below", "192.168.0.0/16", "192.167.255.255", false},
                                         RangeCase{"above", "192.168.0.0/16", "192.169.0.0", false},
                                         RangeCase{"odd_length", "10.0.0.128/25", "10.0.0.127", false},
                                         RangeCase{"odd_length_inside", "10.0.0.128/25", "10.0.0.129", true},
                                         RangeCase{"host", "10.0.0.1", "10.0.0.1", true},
                                         RangeCase{"other_host", "10.0.0.1", "10.0.0.2", false},
                                         RangeCase{"mapped_address", "10.0.0.0/8", "::ffff:10.1.2.3", true},
                                         RangeCase{"all_ipv4", "0.0.0.0/0", "203.0.113.9", true},
                                         RangeCase{"all_ipv4_is_not_ipv6", "0.0.0.0/0", "2001:db8::1", false},
                                         RangeCase{"all_ipv6_is_not_ipv4", "::/0", "203.0.113.9", false},
                                         RangeCase{"all_ipv6_is_not_mapped", "::/0", "::ffff:203.0.113.9", false},
                                         RangeCase{"all_ipv6", "::/0", "2001:db8::1", true},
                                         RangeCase{"ipv6", "fd00::/8", "fdff::1", true},
                                         RangeCase{"ipv6_outside", "fd00::/8", "fe00::1", false},
                                         RangeCase{"zone", "fe80::/10", "fe80::1%eth0", true},
                                         RangeCase{"octal", "10.0.0.0/8", "012.0.0.1", false},
                                         RangeCase{"short_form", "127.0.0.0/8", "127.1", false},
                                         RangeCase{"decimal", "127.0.0.0/8", "2130706433", false},
                                         RangeCase{"empty", "0.0.0.0/0", "", false},
                                         RangeCase{"host_name", "0.0.0.0/0", "localhost", false},
                                         RangeCase{"trailing_text", "127.0.0.0/8", "127.0.0.1 ", false}),
                         [](const auto& info) { return info.param.name; });

TEST(AddressRanges, RefusesWhatIsNoNetwork) {
  for (const char* network :
       {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.0/-1", "::/129", "*", "localhost"}) {
    EXPECT_THROW(AddressRanges({network}), std::invalid_argument) << network;
  }
}

TEST(AddressRanges, AreEmptyOfEverythingByDefault) { EXPECT_FALSE(AddressRanges().contains("127.0.0.1")); }

TEST(CanonicalAddress, SpellsEveryAddressOneWay) {
  EXPECT_EQ(canonical_address("::FFFF:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(canonical_address("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
  EXPECT_EQ(canonical_address("fe80::1%eth0"), "fe80::1");
  EXPECT_EQ(canonical_address("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(canonical_address("192.0.2.256"), std::nullopt);
  EXPECT_EQ(canonical_address("192.0.2.1%eth0"), std::nullopt);
  EXPECT_EQ(canonical_address(std::string(5000, '1')), std::nullopt);
}

}  // namespace
}  // namespace mcp::net
