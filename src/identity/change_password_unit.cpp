// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/change_password_unit.hpp"

#include <algorithm>

#include "audit/events.hpp"
#include "identity/account_store.hpp"
#include "identity/failure_count.hpp"
#include "identity/passwords.hpp"
#include "identity/reset_store.hpp"

namespace mcp::identity {
namespace {

constexpr audit::Operation operation{.route = "POST /api/auth/change-password", .frame_type = {}};

}  // namespace

void ChangePasswordUnit::acquire(ledger::Acquisition& acquisition) const {
  ask_failure_count(acquisition, attempt_.actor.user, attempt_.actor.origin);
  ask_live_sessions(acquisition, attempt_.actor.user);
}

std::vector<std::string> ChangePasswordUnit::exclusive_keys() const {
  return {exclusive_account_key(attempt_.actor.user)};
}

Result<> ChangePasswordUnit::decide(ledger::Work& work) {
  ending_.end(work, {});  // forgets what an earlier build() of this unit did
  const auto locked = read_account(work);
  const auto live = read_live_sessions(work);
  const bool is_session_live = std::ranges::find(live, attempt_.actor.session) != live.end();
  if (!locked || !locked->account.is_active() || !is_session_live) {
    work.audit(
        audit::session_refused(attempt_.actor, operation, is_session_live ? "account_inactive" : "session_ended"));
    return fail_recorded(ErrorCode::token_invalid, "The token is not valid");
  }
  FailureCount count(work, *locked, attempt_.actor.origin);
  if (count.is_locked()) return refuse(work, "account_locked");
  if (locked->password.hash != attempt_.compared.hash) return refuse(work, "password_replaced");
  if (!attempt_.new_hash) {
    count.add(rule_);
    return refuse(work, "wrong_password");
  }
  count.clear();
  change(work, live);
  return {};
}

// Every 401 leaves authentication_failure; the action has a name of its own for its failure, too (contract-rest 9.3).
Result<> ChangePasswordUnit::refuse(ledger::Work& work, std::string_view reason) const {
  audit::Details details;
  details.word("reason", reason).word("route", operation.route);
  work.audit(audit::entry("authentication_failure", attempt_.actor, std::move(details), ledger::Outcome::failure));
  work.audit(audit::entry("password_change_failed", attempt_.actor, {}, ledger::Outcome::failure));
  return wrong_credentials();
}

void ChangePasswordUnit::change(ledger::Work& work, const std::vector<SessionId>& live) {
  write_password(work, attempt_.actor.user, *attempt_.new_hash);
  write_resets_used(work, attempt_.actor.user);  // a token asked for by whoever knew the old password dies with it
  std::vector<SessionId> others;
  std::ranges::copy_if(live, std::back_inserter(others),
                       [this](const SessionId& session) { return session != attempt_.actor.session; });
  ending_.end(work, others);
  work.audit(audit::entry("password_changed", attempt_.actor, {}));
}

}  // namespace mcp::identity
