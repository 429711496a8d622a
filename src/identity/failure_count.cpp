// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/failure_count.hpp"

#include <chrono>

#include "audit/events.hpp"

namespace mcp::identity {
namespace {

constexpr std::chrono::days network_known_for{30};

}  // namespace

void ask_failure_count(ledger::Acquisition& acquisition, UserId user, const Origin& origin) {
  ask_account(acquisition, user);
  ask_network(acquisition, user, origin.ip_address);
}

FailureCount::FailureCount(ledger::Work& work, const LockedAccount& account, const Origin& origin)
    : work_(work), user_(account.account.id), origin_(origin), counter_(account.counter) {
  const auto network = read_network(work);
  if (network && network->last_success + network_known_for > work.now()) {
    is_of_network_ = true;
    counter_ = network->counter;
  }
}

void FailureCount::add(const LockoutRule& rule) {
  if (is_locked()) return;
  counter_ = counter_.after_failure(rule, work_.now());
  write();
  if (is_locked()) {
    audit::Details details;
    details.word("until", to_iso8601(*counter_.locked_until));
    work_.audit(audit::entry("account_locked", user_, origin_, std::move(details)));
  }
}

void FailureCount::clear() {
  if (counter_.is_fresh()) return;
  counter_ = {};
  write();
}

void FailureCount::write() {
  if (is_of_network_) {
    write_network_counter(work_, user_, origin_.ip_address, counter_);
  } else {
    write_account_counter(work_, user_, counter_);
  }
}

}  // namespace mcp::identity
