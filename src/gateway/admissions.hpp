// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/id.hpp"
#include "core/result.hpp"

namespace mcp::gateway {

struct AdmissionLimits {
  std::size_t connections_max = 10'000;  // authenticated
  std::size_t connections_per_user_max = 10;
  std::size_t unauthenticated_per_address_max = 200;

  // The places of those that have not said who they are: they never use up the others' (contract-realtime 1).
  std::size_t unauthenticated_max() const { return connections_max / 10 < 20 ? 20 : connections_max / 10; }
};

enum class PlaceRefusal : std::uint8_t { server_full, too_many_of_user };

// Who holds a connection, counted over all shards. Thread-safe.
class Admissions : public std::enable_shared_from_this<Admissions> {
 public:
  explicit Admissions(AdmissionLimits limits) : limits_(limits) {}

  // One counted connection; gives its place back when destroyed.
  class Place {
   public:
    Place(Place&& other) noexcept = default;
    Place& operator=(Place&&) = delete;
    ~Place();

    // Makes it one of the user's; on refusal it stays what it was. Again, when an earlier authentication got this far
    // and then failed.
    std::optional<PlaceRefusal> become(UserId user, SessionId session = {});

   private:
    friend class Admissions;
    Place(std::shared_ptr<Admissions> admissions, std::string network)
        : admissions_(std::move(admissions)), network_(std::move(network)) {}
    std::shared_ptr<Admissions> admissions_;
    std::string network_;  // empty once the place is a user's
    UserId user_;
    SessionId session_;
  };

  // May one more come from there that has not said who it is?
  //   fails   rate_limited (too many unauthenticated ones from that address), unavailable (too many of them at all)
  Result<> check(std::string_view address) const;
  // An unauthenticated place. Not refused: whoever asks has just called check() on the same thread, so that at most as
  // many as there are threads come above the limit.
  Place occupy(std::string_view address);
  bool is_full() const;  // no place for another authenticated connection

  std::size_t connections_of(UserId user) const;
  std::size_t connections_of(SessionId session) const;
  std::size_t authenticated() const;
  std::size_t unauthenticated() const;

 private:
  // Both under mutex_.
  void leave_unauthenticated(const std::string& network);
  void leave_user(UserId user, SessionId session);
  void leave_session(SessionId session);

  const AdmissionLimits limits_;
  mutable std::mutex mutex_;
  std::size_t authenticated_ = 0;
  std::size_t unauthenticated_ = 0;
  std::unordered_map<std::string, std::size_t> by_network_;  // at most unauthenticated_max()
  std::unordered_map<UserId, std::size_t> by_user_;          // at most connections_max
  std::unordered_map<SessionId, std::size_t> by_session_;    // at most connections_max
};

// What counts as one client: an IPv4 address, or a /64 of IPv6 (contract-rest 1.4).
std::string client_network(std::string_view address);

}  // namespace mcp::gateway
