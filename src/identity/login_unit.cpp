// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/login_unit.hpp"

#include "audit/events.hpp"
#include "identity/account_store.hpp"
#include "identity/failure_count.hpp"

namespace mcp::identity {
namespace {

constexpr std::string_view login_route = "POST /api/auth/login";

std::string_view status_refusal(AccountStatus status) {
  switch (status) {
    case AccountStatus::active: return {};
    case AccountStatus::pending: return "account_pending";
    case AccountStatus::inactive: return "account_inactive";
    case AccountStatus::suspended: return "account_suspended";
    case AccountStatus::deleted: return "account_deleted";
  }
  return "account_inactive";
}

}  // namespace

void LoginUnit::acquire(ledger::Acquisition& acquisition) const {
  ask_failure_count(acquisition, attempt_.user, attempt_.origin);
}

std::vector<std::string> LoginUnit::exclusive_keys() const {
  if (attempt_.user.is_zero()) return {};
  return {exclusive_account_key(attempt_.user)};
}

void LoginUnit::build(ledger::Work& work) {
  account_.reset();
  const auto why = refusal(work);
  if (why.empty()) return succeed(work);
  const auto user = attempt_.user.is_zero() ? std::nullopt : std::optional(attempt_.user);
  audit::Details details;
  details.word("reason", why).word("route", login_route);
  work.audit(
      audit::entry("authentication_failure", user, attempt_.origin, std::move(details), ledger::Outcome::failure));
}

std::string_view LoginUnit::refusal(ledger::Work& work) const {
  const auto locked = read_account(work);
  if (!locked) return "unknown_user";
  FailureCount count(work, *locked, attempt_.origin);
  if (count.is_locked()) return "account_locked";
  // Changed while this one was being compared: neither right nor wrong.
  if (locked->password.hash != attempt_.compared.hash) return "password_replaced";
  if (!attempt_.password_fits) {
    count.add(rule_);
    return "wrong_password";
  }
  if (const auto why = status_refusal(locked->account.status); !why.empty()) return why;
  // The password alone opens no account that has a second factor, and this release takes no code: fail closed.
  if (locked->account.two_factor_enabled) return "second_factor_unavailable";
  if (locked->account.permissions.has_any_admin() && !attempt_.is_in_admin_network) return "network_not_allowed";
  return {};
}

void LoginUnit::succeed(ledger::Work& work) {
  const auto locked = read_account(work);
  account_ = locked->account;
  account_->last_login = work.now();
  FailureCount(work, *locked, attempt_.origin).clear();
  write_login(work, attempt_.user, attempt_.origin.ip_address);
  write_session(work, attempt_.session);
  audit::Details details;
  details.word("method", "password").flag("dashboard", false);
  auto success = audit::entry("login_success", attempt_.user, attempt_.origin, std::move(details));
  success.session = attempt_.session.id;
  work.audit(std::move(success));

  if (!attempt_.upgraded_hash) return;
  write_upgraded_hash(work, attempt_.user, *attempt_.upgraded_hash);
  audit::Details upgraded;
  upgraded.word("from", locked->password.type);
  auto entry = audit::entry("password_hash_upgraded", attempt_.user, attempt_.origin, std::move(upgraded));
  entry.session = attempt_.session.id;
  work.audit(std::move(entry));
}

}  // namespace mcp::identity
