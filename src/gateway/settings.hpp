// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <string>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "gateway/admissions.hpp"
#include "http/router.hpp"

namespace mcp::channels {
class MembershipService;
}
namespace mcp::identity {
class SessionService;
}
namespace mcp::ledger {
class Ledger;
}
namespace mcp::messages {
class MessageService;
}
namespace mcp::realtime {
class Hub;
}

namespace mcp::gateway {

// Tier `auth` of contract-rest 1.4, shared with REST: failed logins of an address, whatever the door. Called on I/O
// threads; an empty one lets everything pass.
struct AuthenticationTier {
  std::function<Result<>(const std::string& ip_address)> admit;  // rate_limited when too many have failed
  std::function<void(const std::string& ip_address)> count_failure;
};

// The names of the variables are those of contract-config 2.
struct Settings {
  AdmissionLimits admission;                // MAX_CONNECTIONS, WS_MAX_CONNECTIONS_PER_USER, WS_UNAUTH_PER_IP
  std::size_t frame_bytes_max = 64 * 1024;  // WS_MAX_FRAME_BYTES
  std::size_t text_code_points_max = 4000;  // MAX_MESSAGE_LENGTH, told to clients
  int rate_per_second = 20;                 // WS_RATE_PER_SECOND
  int rate_burst = 60;                      // WS_RATE_BURST
  std::size_t send_queue_bytes = std::size_t{1} << 20;          // WS_SEND_QUEUE_BYTES
  std::size_t send_queue_total_bytes = std::size_t{256} << 20;  // WS_SEND_QUEUE_TOTAL_BYTES
  std::chrono::milliseconds authentication_timeout{5'000};      // WS_AUTH_TIMEOUT
  std::chrono::milliseconds heartbeat_interval{30'000};         // HEARTBEAT_INTERVAL
  std::chrono::milliseconds idle_timeout{120'000};              // CONNECTION_TIMEOUT
  std::chrono::milliseconds write_timeout{30'000};              // WS_WRITE_TIMEOUT
  std::size_t replay_max = 1000;                                // WS_REPLAY_MAX, told to clients
  std::string epoch;                                            // of table `settings`: names the life of the database
  AuthenticationTier authentication_tier;
  std::function<http::FaultReport(std::exception_ptr)> classify_fault;  // shared with REST
  Clock clock = system_now;
};

// What sessions call. All outlive the gateway.
struct Services {
  identity::SessionService& sessions;
  channels::MembershipService& memberships;
  messages::MessageService& messages;
  realtime::Hub& hub;
  ledger::Ledger& ledger;
};

}  // namespace mcp::gateway
