// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/installation.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/log.hpp"
#include "crypto/digest.hpp"
#include "crypto/random.hpp"
#include "operations/durable_file.hpp"
#include "operations/failure.hpp"
#include "operations/installation_store.hpp"

namespace mcp::operations {
namespace {

using crypto::KeyPurpose;
using crypto::KeyState;

constexpr std::array purposes{KeyPurpose::message, KeyPurpose::metadata, KeyPurpose::mac, KeyPurpose::backup};
constexpr std::size_t token_bytes = 32;

bool is_username(std::string_view name) {  // contract-rest 2
  return name.size() >= 3 && name.size() <= 50 && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

void check_administrator(const FirstAdministrator& administrator) {
  if (!is_username(administrator.username)) {
    throw Failure(ExitCode::configuration,
                  "INITIAL_ADMIN_USERNAME must have 3 to 50 characters of A-Z, a-z, 0-9, _ and -");
  }
  const auto& email = administrator.email;
  if (email && (email->size() > 255 || email->find('@') == std::string::npos)) {
    throw Failure(ExitCode::configuration, "INITIAL_ADMIN_EMAIL is no e-mail address");
  }
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

[[noreturn]] void wrong_root(std::string_view variable) {
  throw Failure(ExitCode::configuration,
                std::string(variable) + " is not the key this database was set up with: restore the right one");
}

[[noreturn]] void damaged(const std::string& what) {
  throw Failure(ExitCode::data, what + ": restore the database from a backup");
}

}  // namespace

Installation::Installation(db::Link& serving, ledger::Ledger& ledger, crypto::Keyring& keys,
                           std::optional<std::string> command_user)
    : serving_(serving), ledger_(ledger), keys_(keys), command_user_(std::move(command_user)) {}

ledger::Entry Installation::entry(std::string_view action, audit::Details details) const {
  if (command_user_) details.word("origin", "cli").word("osUser", *command_user_);
  return audit::server_entry(action, std::move(details));
}

Task<> Installation::record_migrations() {
  const auto versions = co_await store::Reader(serving_).unrecorded_migrations();
  std::vector<ledger::Entry> entries;
  for (const auto version : versions) {
    audit::Details details;
    details.number("version", version);
    entries.push_back(entry("migration_applied", std::move(details)));
  }
  if (!entries.empty()) co_await ledger_.commit(store::write_entries(std::move(entries)));
}

Task<> Installation::read_identity() {
  auto identity = co_await store::Reader(serving_).identity();
  epoch_ = std::move(identity.epoch);
  content_check_ = std::move(identity.content_check);
  metadata_check_ = std::move(identity.metadata_check);
  installation_id_ = Uuid();
  if (identity.installation_id.empty()) co_return;
  const auto id = Uuid::parse(identity.installation_id);
  if (!id || epoch_.empty() || content_check_.empty() || metadata_check_.empty()) {
    damaged("the settings rows of this installation are incomplete");
  }
  installation_id_ = *id;
}

Task<> Installation::establish(crypto::RootKey content, crypto::RootKey metadata) {
  co_await read_identity();
  if (!installation_id_.is_zero()) co_return;
  const auto keys = co_await store::Reader(serving_).keys();
  if (!keys.empty()) damaged("there are data keys, but the settings rows they depend on are gone");
  const Uuid id = Uuid::v4();
  store::Identity identity{.epoch = Uuid::v4().text(),
                           .installation_id = id.text(),
                           .content_check = content.check_value(id),
                           .metadata_check = metadata.check_value(id)};
  co_await ledger_.commit(store::write_identity(std::move(identity)));
  co_await read_identity();
}

void Installation::check_roots(const crypto::RootKey& content, const crypto::RootKey& metadata) const {
  if (installation_id_.is_zero()) {
    throw Failure(ExitCode::configuration,
                  "this database has not been set up: run `mcp-messenger setup` or `mcp-messenger init-db`");
  }
  const auto fits = [this](const crypto::RootKey& key, const std::string& check) {
    return crypto::equal_constant_time(key.check_value(installation_id_), check);
  };
  if (!fits(content, content_check_)) wrong_root("ENCRYPTION_KEY");
  if (!fits(metadata, metadata_check_)) wrong_root("METADATA_KEY");
}

Task<crypto::RootKeys> Installation::open_keys(crypto::RootKey content, crypto::RootKey metadata) {
  co_await read_identity();
  check_roots(content, metadata);
  crypto::RootKeys roots(std::move(content), std::move(metadata), installation_id_);

  const auto stored = co_await store::Reader(serving_).keys();
  std::array<bool, purposes.size()> has_active{};
  for (const auto& [row, is_whole] : stored) {
    auto key = is_whole ? roots.unwrap(row) : std::nullopt;
    if (!key) damaged("data key " + row.id.text() + " does not open");
    if (row.state == KeyState::active) has_active.at(static_cast<std::size_t>(row.purpose)) = true;
    keys_.add(row, std::move(*key));
  }

  std::vector<crypto::WrappedKey> made;
  std::vector<ledger::Entry> entries;
  for (const auto purpose : purposes) {
    if (has_active.at(static_cast<std::size_t>(purpose))) continue;
    made.push_back(roots.wrap_new(purpose));
    audit::Details details;
    details.word("purpose", crypto::name(purpose)).id("keyId", made.back().id);
    entries.push_back(entry("key_rotated", std::move(details)));
  }
  if (!made.empty()) {
    co_await ledger_.commit(store::write_keys(made, std::move(entries)));
    for (const auto& row : made) {
      auto key = roots.unwrap(row);
      if (!key) damaged("data key " + row.id.text() + " does not open");
      keys_.add(row, std::move(*key));
    }
  }
  co_return roots;
}

Task<AdministratorState> Installation::ensure_administrator(FirstAdministrator administrator, Home home) {
  const auto present = co_await store::Reader(serving_).administrator();
  if (present && present->has_logged_in) {
    ::unlink(home.setup_token_file().c_str());
    co_return AdministratorState::settled;
  }

  std::vector<ledger::Entry> entries;
  std::optional<store::NewAdministrator> account;
  if (!present) {
    check_administrator(administrator);
    if (administrator.email) administrator.email = lower_case(std::move(*administrator.email));
    if (co_await store::Reader(serving_).is_name_taken(administrator.username, administrator.email)) {
      co_return AdministratorState::name_taken;
    }
    account = store::NewAdministrator{.id = UserId(Uuid::v4()),
                                      .username = std::move(administrator.username),
                                      .email = std::move(administrator.email)};
    audit::Details details;
    details.id("targetUserId", account->id).word("role", "super_admin");
    entries.push_back(entry("user_created", std::move(details)));
  }
  const UserId user = present ? present->user : account->id;
  audit::Details details;
  details.id("targetUserId", user);
  entries.push_back(entry("password_reset_requested", std::move(details)));

  const Secret token = crypto::random_token(token_bytes);
  store::SetupToken stored{.user = user, .hash = crypto::sha256_hex(token.reveal())};
  co_await ledger_.commit(store::write_setup_token(std::move(account), std::move(stored), std::move(entries)));
  // Only now: the file always holds a token that works. Killed in between, the next start makes another one.
  const Secret line(std::string(token.reveal()) + "\n");
  write_file(home.setup_token_file(), line.reveal(), 0600);
  log::info("operations", "set-up token of the first administrator written",
            {{log::Field::path, home.setup_token_file().string()}});
  co_return present ? AdministratorState::renewed : AdministratorState::made;
}

}  // namespace mcp::operations
