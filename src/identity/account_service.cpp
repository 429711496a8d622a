// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/account_service.hpp"

#include <memory>
#include <vector>

#include "core/utf8.hpp"
#include "crypto/digest.hpp"
#include "crypto/random.hpp"
#include "identity/account_rules.hpp"
#include "identity/change_password_unit.hpp"
#include "identity/new_account_unit.hpp"
#include "identity/reset_password_unit.hpp"

namespace mcp::identity {
namespace {

constexpr std::string_view unusable_hash = "!";

std::unexpected<Error> refuse(std::vector<FieldError> fields) {
  return std::unexpected(Error{.code = ErrorCode::validation_failed,
                               .message = "The input is not valid",
                               .fields = std::move(fields),
                               .retry_after = {}});
}

std::unexpected<Error> refuse(FieldError field) { return refuse(std::vector<FieldError>{std::move(field)}); }

FieldError same_password() {
  return {.field = "newPassword", .code = FieldCode::policy, .message = "must differ from the current one"};
}

// Trimmed, NFC, lower case where the column is compared so.
AccountRow row_of(const NewAccount& account) {
  const auto tidy = [](const std::optional<std::string>& text) {
    return text ? std::optional(utf8::trimmed_nfc(*text)) : std::nullopt;
  };
  AccountRow row{.id = UserId(Uuid::v4()),
                 .username = account.username,
                 .email = tidy(account.email),
                 .first_name = tidy(account.first_name),
                 .last_name = tidy(account.last_name),
                 .role = {},
                 .password_hash = std::string(unusable_hash),
                 .force_password_change = account.force_password_change};
  if (row.email) row.email = utf8::case_folded(*row.email);
  return row;
}

std::vector<FieldError> problems_of(const NewAccount& account) {
  std::vector<FieldError> problems;
  const auto add = [&problems](std::optional<FieldError> problem) {
    if (problem) problems.push_back(std::move(*problem));
  };
  add(check_username(account.username));
  if (account.email) add(check_email(*account.email));
  if (account.first_name) add(check_person_name(*account.first_name, "firstName"));
  if (account.last_name) add(check_person_name(*account.last_name, "lastName"));
  return problems;
}

}  // namespace

AccountService::AccountService(db::Database& database, ledger::Ledger& ledger, crypto::PasswordHasher& hasher,
                               realtime::Hub& hub, AccountSettings settings)
    : accounts_(database), resets_(database), ledger_(ledger), passwords_(hasher), hub_(hub), settings_(settings) {}

Task<Result<>> AccountService::change_password(Actor actor, Secret current_password, Secret new_password) {
  if (auto problem = check_password(settings_.password, new_password.reveal(), actor.username, "newPassword")) {
    co_return refuse(std::move(*problem));
  }
  if (new_password.reveal() == current_password.reveal()) co_return refuse(same_password());

  const auto credentials = co_await accounts_.find_credentials(actor.user);
  ChangeAttempt attempt{.actor = std::move(actor),
                        .compared = credentials ? credentials->password : passwords_.unknown_user(),
                        .new_hash = std::nullopt};
  const auto match = co_await passwords_.verify(std::move(current_password), attempt.compared);
  if (!match) co_return std::unexpected(match.error());
  if (*match != crypto::PasswordMatch::no) {
    auto hash = co_await passwords_.hash(std::move(new_password));
    if (!hash) co_return std::unexpected(std::move(hash.error()));
    attempt.new_hash = std::move(*hash);
  }
  const auto unit = std::make_shared<ChangePasswordUnit>(std::move(attempt), settings_.lockout, hub_);
  co_await ledger_.commit(unit);
  co_return unit->answer();
}

Task<Result<>> AccountService::reset_password(Origin origin, Secret token, Secret new_password) {
  const auto invalid = [] { return fail(ErrorCode::reset_token_invalid, "The token is unknown, used or expired"); };
  auto token_hash = crypto::sha256_hex(token.reveal());
  const auto found = co_await resets_.find(token_hash);
  if (!found || !found->is_open) {
    const auto user = found ? std::optional(found->account.user) : std::nullopt;
    co_await ledger_.commit(std::make_shared<ledger::AuditUnit>(
        audit::entry("password_reset_failed", user, origin, {}, ledger::Outcome::failure)));
    co_return invalid();
  }
  const Credentials& account = found->account;
  if (auto problem = check_password(settings_.password, new_password.reveal(), account.username, "newPassword")) {
    co_return refuse(std::move(*problem));
  }
  const auto match = co_await passwords_.verify(new_password.duplicate(), account.password);
  if (!match) co_return std::unexpected(match.error());
  if (*match != crypto::PasswordMatch::no) co_return refuse(same_password());
  auto hash = co_await passwords_.hash(std::move(new_password));
  if (!hash) co_return std::unexpected(std::move(hash.error()));

  ResetAttempt attempt{.origin = std::move(origin),
                       .user = account.user,
                       .token_hash = std::move(token_hash),
                       .new_hash = std::move(*hash)};
  const auto unit = std::make_shared<ResetPasswordUnit>(std::move(attempt), hub_);
  co_await ledger_.commit(unit);
  if (!unit->is_redeemed()) co_return invalid();
  co_return Result<>();
}

Task<Result<Account>> AccountService::create_user(Author author, NewAccount account) {
  auto problems = problems_of(account);
  if (!utf8::is_valid(account.password.reveal())) {
    problems.push_back({.field = "password", .code = FieldCode::format, .message = "is no valid text"});
  } else if (auto problem =
                 check_password(settings_.password, account.password.reveal(), account.username, "password")) {
    problems.push_back(std::move(*problem));
  }
  if (!problems.empty()) co_return refuse(std::move(problems));

  AccountRow row = row_of(account);
  auto hash = co_await passwords_.hash(std::move(account.password));
  if (!hash) co_return std::unexpected(std::move(hash.error()));
  row.password_hash = std::move(*hash);
  const auto unit = std::make_shared<NewAccountUnit>(std::move(author), std::move(row), std::move(account.role));
  try {
    co_await ledger_.commit(unit);
  } catch (const db::Fault& fault) {  // another process took the name between our look and our write
    if (fault.kind() != db::FaultKind::constraint) throw;
    co_return fail(ErrorCode::already_exists, "The user name or the e-mail address is taken");
  }
  co_return unit->answer();
}

}  // namespace mcp::identity
