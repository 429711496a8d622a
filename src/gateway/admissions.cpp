// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "gateway/admissions.hpp"

#include <arpa/inet.h>

#include <array>
#include <cstring>
#include <utility>

namespace mcp::gateway {
namespace {

constexpr std::chrono::milliseconds retry_after_refusal{5000};

std::unexpected<Error> refuse(ErrorCode code, std::string message) {
  return std::unexpected(
      Error{.code = code, .message = std::move(message), .fields = {}, .retry_after = retry_after_refusal});
}

}  // namespace

std::string client_network(std::string_view address) {
  const std::string text(address);
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return text;
  std::array<char, INET6_ADDRSTRLEN> network{};
  std::memset(six.s6_addr + 8, 0, 8);
  inet_ntop(AF_INET6, &six, network.data(), network.size());
  return std::string(network.data()) + "/64";
}

Result<> Admissions::check(std::string_view address) const {
  const std::string network = client_network(address);
  const std::scoped_lock lock(mutex_);
  const auto at = by_network_.find(network);
  if (at != by_network_.end() && at->second >= limits_.unauthenticated_per_address_max) {
    return refuse(ErrorCode::rate_limited, "Too many unauthenticated connections from this address");
  }
  if (unauthenticated_ >= limits_.unauthenticated_max()) {
    return refuse(ErrorCode::unavailable, "Too many unauthenticated connections");
  }
  return {};
}

Admissions::Place Admissions::occupy(std::string_view address) {
  std::string network = client_network(address);
  const std::scoped_lock lock(mutex_);
  ++unauthenticated_;
  ++by_network_[network];
  return {shared_from_this(), std::move(network)};
}

std::optional<PlaceRefusal> Admissions::Place::become(UserId user, SessionId session) {
  Admissions& all = *admissions_;
  const std::scoped_lock lock(all.mutex_);
  const bool was_authenticated = network_.empty();
  if (was_authenticated && user == user_) {
    ++all.by_session_[session];
    all.leave_session(session_);
    session_ = session;
    return std::nullopt;
  }
  if (!was_authenticated && all.authenticated_ >= all.limits_.connections_max) return PlaceRefusal::server_full;
  const auto held = all.by_user_.find(user);
  if (held != all.by_user_.end() && held->second >= all.limits_.connections_per_user_max) {
    return PlaceRefusal::too_many_of_user;
  }
  if (was_authenticated) {
    all.leave_user(user_, session_);
  } else {
    all.leave_unauthenticated(network_);
    std::string().swap(network_);
  }
  ++all.authenticated_;
  ++all.by_user_[user];
  ++all.by_session_[session];
  user_ = user;
  session_ = session;
  return std::nullopt;
}

Admissions::Place::~Place() {
  if (!admissions_) return;  // moved from
  const std::scoped_lock lock(admissions_->mutex_);
  if (network_.empty()) {
    admissions_->leave_user(user_, session_);
  } else {
    admissions_->leave_unauthenticated(network_);
  }
}

void Admissions::leave_user(UserId user, SessionId session) {
  --authenticated_;
  const auto at = by_user_.find(user);
  if (--at->second == 0) by_user_.erase(at);
  leave_session(session);
}

void Admissions::leave_session(SessionId session) {
  const auto at = by_session_.find(session);
  if (--at->second == 0) by_session_.erase(at);
}

void Admissions::leave_unauthenticated(const std::string& network) {
  --unauthenticated_;
  const auto at = by_network_.find(network);
  if (--at->second == 0) by_network_.erase(at);
}

bool Admissions::is_full() const { return authenticated() >= limits_.connections_max; }

std::size_t Admissions::connections_of(UserId user) const {
  const std::scoped_lock lock(mutex_);
  const auto held = by_user_.find(user);
  return held == by_user_.end() ? 0 : held->second;
}

std::size_t Admissions::connections_of(SessionId session) const {
  const std::scoped_lock lock(mutex_);
  const auto held = by_session_.find(session);
  return held == by_session_.end() ? 0 : held->second;
}

std::size_t Admissions::authenticated() const {
  const std::scoped_lock lock(mutex_);
  return authenticated_;
}

std::size_t Admissions::unauthenticated() const {
  const std::scoped_lock lock(mutex_);
  return unauthenticated_;
}

}  // namespace mcp::gateway
