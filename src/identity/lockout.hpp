// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/clock.hpp"

namespace mcp::identity {

struct LockoutRule {
  std::int32_t threshold = 5;  // failures
  std::chrono::minutes time{30};
};

// One counter of failed passwords: an account's, or that of a network the account is known from (contract-rest 1.4).
struct FailureCounter {
  std::int32_t failures = 0;
  std::optional<Timestamp> locked_until;

  bool is_locked(Timestamp now) const { return locked_until && *locked_until > now; }
  bool is_fresh() const { return failures == 0 && !locked_until; }
  // One more failure. It starts anew behind a lock that has ended; the one that reaches the threshold locks. A failure
  // during a lock changes nothing: nobody can hold an account locked for ever by one long attempt.
  FailureCounter after_failure(const LockoutRule& rule, Timestamp now) const;

  friend bool operator==(const FailureCounter&, const FailureCounter&) = default;
};

}  // namespace mcp::identity
