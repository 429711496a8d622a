// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/new_account_unit.hpp"

#include <chrono>

#include "core/utf8.hpp"
#include "identity/reset_store.hpp"

namespace mcp::identity {
namespace {

constexpr std::chrono::hours setup_token_life{24};  // contract-config 5

}  // namespace

std::vector<std::string> exclusive_name_keys(const AccountRow& row) {
  std::vector<std::string> keys{"username:" + utf8::case_folded(row.username)};
  if (row.email) keys.push_back("email:" + utf8::case_folded(*row.email));
  return keys;
}

void write_created(ledger::Work& work, const Author& author, const AccountRow& row, std::string_view role_name) {
  write_new_account(work, row);
  audit::Details details;
  details.id("targetUserId", row.id).word("role", role_name);
  work.audit(entry_of(author, "user_created", std::move(details)));
}

void NewAccountUnit::acquire(ledger::Acquisition& acquisition) const {
  ask_new_account(acquisition, row_.username, row_.email, role_);
}

std::vector<std::string> NewAccountUnit::exclusive_keys() const { return exclusive_name_keys(row_); }

Result<Account> NewAccountUnit::decide(ledger::Work& work) const {
  const auto facts = read_new_account(work);
  if (!facts.role) return fail_field("role", FieldCode::not_allowed, "is no role of this installation");
  if (facts.is_username_taken) return fail(ErrorCode::already_exists, "The user name is taken");
  if (facts.is_email_taken) return fail(ErrorCode::already_exists, "The e-mail address is taken");
  AccountRow row = row_;
  row.role = *facts.role;
  write_created(work, author_, row, facts.role_name);
  const bool has_password = row.password_hash != "!";
  return Account{.id = row.id,
                 .username = row.username,
                 .email = row.email,
                 .first_name = row.first_name,
                 .last_name = row.last_name,
                 .role_id = row.role,
                 .role_name = facts.role_name,
                 .status = row.status,
                 .created_at = work.now(),
                 .updated_at = work.now(),
                 .last_login = std::nullopt,
                 .password_last_changed = has_password ? std::optional(work.now()) : std::nullopt,
                 .two_factor_enabled = false,
                 .force_password_change = row.force_password_change,
                 .permissions = facts.role_permissions};
}

void FirstAdministratorUnit::acquire(ledger::Acquisition& acquisition) const {
  ask_administrators(acquisition);
  ask_new_account(acquisition, row_.username, row_.email, "super_admin");
}

std::vector<std::string> FirstAdministratorUnit::exclusive_keys() const {
  auto keys = exclusive_name_keys(row_);
  keys.emplace_back("first_administrator");
  return keys;
}

Result<std::optional<UserId>> FirstAdministratorUnit::decide(ledger::Work& work) const {
  const auto administrators = read_administrators(work);
  if (administrators.has_usable) return std::optional<UserId>();
  UserId user = row_.id;
  if (administrators.without_password) {
    user = *administrators.without_password;
  } else {
    const auto facts = read_new_account(work);
    if (facts.is_username_taken) return fail(ErrorCode::already_exists, "The administrator's user name is taken");
    if (facts.is_email_taken) return fail(ErrorCode::already_exists, "The administrator's e-mail address is taken");
    if (!facts.role) return fail(ErrorCode::conflict, "The role super_admin is missing");
    AccountRow row = row_;
    row.role = *facts.role;
    write_created(work, author_, row, facts.role_name);
  }
  write_resets_used(work, user);
  write_reset(work, {.user = user,
                     .token_hash = token_hash_,
                     .kind = ResetKind::setup,
                     .life = setup_token_life,
                     .requested_ip = {}});
  audit::Details details;
  if (author_.os_user) details.word("origin", "cli").word("osUser", *author_.os_user);
  work.audit(audit::entry("password_reset_requested", user, Origin{}, std::move(details)));
  return std::optional(user);
}

}  // namespace mcp::identity
