// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/new_account_unit.hpp"

#include "core/utf8.hpp"

namespace mcp::identity {

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

}  // namespace mcp::identity
