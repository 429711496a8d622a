// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/reset_password_unit.hpp"

#include "audit/events.hpp"
#include "identity/account_store.hpp"
#include "identity/reset_store.hpp"

namespace mcp::identity {

void ResetPasswordUnit::acquire(ledger::Acquisition& acquisition) const {
  ask_account(acquisition, attempt_.user);
  ask_live_sessions(acquisition, attempt_.user);
  ask_reset(acquisition, attempt_.token_hash);
}

std::vector<std::string> ResetPasswordUnit::exclusive_keys() const { return {exclusive_account_key(attempt_.user)}; }

void ResetPasswordUnit::build(ledger::Work& work) {
  const auto locked = read_account(work);
  is_redeemed_ = locked && locked->account.is_active() && is_reset_open(work, attempt_.user);
  ending_.end(work, is_redeemed_ ? read_live_sessions(work) : std::vector<SessionId>{});
  if (!is_redeemed_) {
    work.audit(audit::entry("password_reset_failed", attempt_.user, attempt_.origin, {}, ledger::Outcome::failure));
    return;
  }
  write_password(work, attempt_.user, attempt_.new_hash);
  write_resets_used(work, attempt_.user);
  write_unlock(work, attempt_.user);  // counters restart on success, and this is the owner's way back in
  work.audit(audit::entry("password_reset", attempt_.user, attempt_.origin, {}));
}

}  // namespace mcp::identity
