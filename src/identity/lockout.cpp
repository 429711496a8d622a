// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/lockout.hpp"

namespace mcp::identity {

FailureCounter FailureCounter::after_failure(const LockoutRule& rule, Timestamp now) const {
  if (is_locked(now)) return *this;
  const std::int32_t before = locked_until ? 0 : failures;
  FailureCounter after{.failures = before + 1, .locked_until = std::nullopt};
  if (after.failures >= rule.threshold) after.locked_until = now + rule.time;
  return after;
}

}  // namespace mcp::identity
