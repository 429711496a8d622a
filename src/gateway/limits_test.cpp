// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the counting that keeps one client from taking what belongs to all: frame rates, strikes, places, and the
// holding back of sends whose predecessor failed. Also the handshake's checksum.
#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

#include "gateway/admissions.hpp"
#include "gateway/frame_rate.hpp"
#include "gateway/handshake.hpp"
#include "gateway/held_sends.hpp"
#include "gateway/session.hpp"

namespace mcp::gateway {
namespace {

TEST(TokenBucket, GrantsTheBurstThenTheRate) {
  TokenBucket bucket(20, 60, 1000);
  int granted = 0;
  while (bucket.take(1000)) ++granted;
  EXPECT_EQ(granted, 60);
  EXPECT_GE(bucket.next_in().count(), 50);
  EXPECT_LE(bucket.next_in().count(), 51);
  EXPECT_FALSE(bucket.take(1049));
  EXPECT_TRUE(bucket.take(1101));
  for (ShardTime at = 2000; at < 12'000; at += 50) EXPECT_TRUE(bucket.take(at)) << "20 a second is allowed for ever";
  granted = 0;
  while (bucket.take(3'000'000)) ++granted;
  EXPECT_EQ(granted, 60) << "no more than the burst is saved up";
}

TEST(TokenBucket, CountsOnWhenTheClockOfTheShardWraps) {
  TokenBucket bucket(1, 1, 0xFFFFFFF0U);
  EXPECT_TRUE(bucket.take(0xFFFFFFF0U));
  EXPECT_FALSE(bucket.take(0xFFFFFFFFU));
  EXPECT_TRUE(bucket.take(990U));
}

TEST(Strikes, CountWithinTheirWindowOnly) {
  Strikes strikes;
  for (int i = 1; i < 10; ++i) EXPECT_FALSE(strikes.add(static_cast<ShardTime>(1000 + i), 10));
  EXPECT_TRUE(strikes.add(60'999, 10));
  Strikes slow;
  for (int i = 1; i < 100; ++i) EXPECT_FALSE(slow.add(static_cast<ShardTime>(7'000 * i), 10));
}

TEST(Admissions, BoundUnauthenticatedConnectionsPerAddressAndInAll) {
  const auto admissions = std::make_shared<Admissions>(
      AdmissionLimits{.connections_max = 30, .connections_per_user_max = 10, .unauthenticated_per_address_max = 3});
  std::vector<Admissions::Place> places;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(admissions->check("192.0.2.1"));
    places.push_back(admissions->occupy("192.0.2.1"));
  }
  EXPECT_EQ(admissions->check("192.0.2.1").error().code, ErrorCode::rate_limited);
  EXPECT_TRUE(admissions->check("192.0.2.2"));
  for (int i = 3; i < 20; ++i) places.push_back(admissions->occupy("198.51.100." + std::to_string(i)));
  EXPECT_EQ(admissions->unauthenticated(), 20U);
  EXPECT_EQ(admissions->check("192.0.2.2").error().code, ErrorCode::unavailable);
  EXPECT_TRUE(admissions->check("192.0.2.2").error().retry_after);
  places.clear();
  EXPECT_EQ(admissions->unauthenticated(), 0U);
  EXPECT_TRUE(admissions->check("192.0.2.1"));
}

TEST(Admissions, CountASlash64AsOneClient) {
  EXPECT_EQ(client_network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(client_network("2001:db8:1:2::1"), "2001:db8:1:2::/64");
  EXPECT_NE(client_network("2001:db8:1:3::1"), client_network("2001:db8:1:2::1"));
  EXPECT_EQ(client_network("192.0.2.1"), "192.0.2.1");
}

TEST(Admissions, BoundAuthenticatedConnectionsPerUserAndInAll) {
  const auto admissions = std::make_shared<Admissions>(
      AdmissionLimits{.connections_max = 4, .connections_per_user_max = 2, .unauthenticated_per_address_max = 50});
  const UserId user{Uuid::v4()};
  const UserId other{Uuid::v4()};
  std::vector<Admissions::Place> places;
  for (int i = 0; i < 5; ++i) places.push_back(admissions->occupy("192.0.2.1"));
  EXPECT_EQ(places[0].become(user), std::nullopt);
  EXPECT_EQ(places[1].become(user), std::nullopt);
  EXPECT_EQ(places[2].become(user), PlaceRefusal::too_many_of_user);
  EXPECT_EQ(admissions->unauthenticated(), 3U);
  EXPECT_EQ(places[2].become(other), std::nullopt);
  EXPECT_EQ(places[3].become(other), std::nullopt);
  EXPECT_TRUE(admissions->is_full());
  EXPECT_EQ(places[4].become(UserId{Uuid::v4()}), PlaceRefusal::server_full);
  EXPECT_EQ(places[0].become(user), std::nullopt) << "again, after an authentication that failed late";
  EXPECT_EQ(places[0].become(other), PlaceRefusal::too_many_of_user);
  EXPECT_EQ(admissions->authenticated(), 4U);
  places.clear();
  EXPECT_EQ(admissions->authenticated(), 0U);
  EXPECT_EQ(admissions->unauthenticated(), 0U);
  const SessionId session{Uuid::v4()};
  const SessionId later{Uuid::v4()};
  auto place = admissions->occupy("192.0.2.1");
  EXPECT_EQ(place.become(user, session), std::nullopt);
  EXPECT_EQ(admissions->connections_of(session), 1U);
  EXPECT_EQ(place.become(user, later), std::nullopt);
  EXPECT_EQ(admissions->connections_of(session), 0U);
  EXPECT_EQ(admissions->connections_of(later), 1U);
  EXPECT_EQ(admissions->connections_of(user), 1U);
  EXPECT_EQ(place.become(other), std::nullopt) << "a place follows the last who was let in";
  EXPECT_EQ(admissions->authenticated(), 1U);
}

HeldSends::Key key(Uuid target, std::string id) { return {.target = target, .client_message_id = std::move(id)}; }

TEST(HeldSends, HoldAChannelUntilItsFirstFailedSendComesAgain) {
  const Uuid ward = Uuid::v4();
  const Uuid lab = Uuid::v4();
  HeldSends held;
  EXPECT_FALSE(held.holds(key(ward, "k1")));
  EXPECT_TRUE(held.add(key(ward, "k1")));
  EXPECT_TRUE(held.add(key(ward, "k2"))) << "behind the first, failed with it";
  EXPECT_TRUE(held.holds(key(ward, "k2")));
  EXPECT_TRUE(held.holds(key(ward, "")));
  EXPECT_FALSE(held.holds(key(lab, "k2")));
  held.drained();
  EXPECT_TRUE(held.holds(key(ward, "k3"))) << "draining lifts only what cannot be recognised";
  EXPECT_FALSE(held.holds(key(ward, "k1")));
  EXPECT_FALSE(held.holds(key(ward, "k2")));
}

TEST(HeldSends, WithoutAKeyHoldUntilThePipelineHasDrained) {
  const Uuid ward = Uuid::v4();
  HeldSends held;
  EXPECT_TRUE(held.add(key(ward, "")));
  EXPECT_TRUE(held.holds(key(ward, "")));
  EXPECT_TRUE(held.holds(key(ward, "k")));
  held.drained();
  EXPECT_FALSE(held.holds(key(ward, "")));
}

TEST(HeldSends, AreBounded) {
  HeldSends held;
  for (std::size_t i = 0; i < HeldSends::channels_max; ++i) EXPECT_TRUE(held.add(key(Uuid::v4(), "k")));
  EXPECT_FALSE(held.add(key(Uuid::v4(), "k")));
}

// The goal is 4 KiB for an idle authenticated connection, coroutine frames and hub included (performance.md).
TEST(SessionSize, LeavesRoomForTheCoroutines) {
  std::cout << "session " << sizeof(Session) << ", of it decoder " << sizeof(Decoder) << ", outbox "
            << sizeof(realtime::Outbox) << ", actor " << sizeof(Actor) << " bytes\n";
  EXPECT_LE(sizeof(Session), 1024U);
}

TEST(Handshake, ComputesTheAcceptKeyOfTheRfc) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(upgrade_accepted("dGhlIHNhbXBsZSBub25jZQ==", "X-Request-Id: r\r\n"),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nX-Request-Id: r\r\n\r\n");
}

}  // namespace
}  // namespace mcp::gateway
