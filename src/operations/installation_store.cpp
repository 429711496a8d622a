// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/installation_store.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/json.hpp"
#include "db/statement.hpp"

namespace mcp::operations::store {
namespace {

constexpr std::chrono::hours setup_token_life{24};  // contract-config 5

constexpr db::Statement select_has_settings{"installation.select_has_settings",
                                            "SELECT to_regclass('public.settings') IS NOT NULL"};

constexpr db::Statement select_is_established{"installation.select_is_established", R"sql(
    SELECT EXISTS (SELECT 1 FROM settings WHERE key = '_installation_id'))sql"};

constexpr db::Statement select_identity{"installation.select_identity", R"sql(
    SELECT key, value #>> '{}', value ->> 'content', value ->> 'metadata'
    FROM settings WHERE key IN ('_epoch', '_installation_id', '_key_check') LIMIT 3)sql"};

// Few: one a purpose and one more each rotation.
constexpr db::Statement select_keys{"installation.select_keys", R"sql(
    SELECT key_id, purpose, state, wrapped_key, wrap_iv, wrap_tag, root_id
    FROM encryption_keys WHERE state <> 'retired' ORDER BY created_at, key_id LIMIT 100000)sql"};

constexpr db::Statement select_unrecorded_migrations{"installation.select_unrecorded_migrations", R"sql(
    SELECT version FROM schema_migrations
    WHERE version::text NOT IN (SELECT details ->> 'version' FROM audit_logs
                                WHERE action = 'migration_applied' AND severity = 'critical')
    ORDER BY version LIMIT 10000)sql"};

constexpr db::Statement select_administrator{"installation.select_administrator", R"sql(
    SELECT u.id, u.last_login IS NOT NULL
    FROM users u JOIN roles r ON r.id = u.role_id
    WHERE r.name = 'super_admin' AND u.status = 'active'
    ORDER BY u.last_login IS NULL, u.created_at, u.id LIMIT 1)sql"};

constexpr db::Statement select_name{"installation.select_name", R"sql(
    SELECT 1 FROM users WHERE lower(username) = lower($1) OR lower(email) = lower($2) LIMIT 1)sql"};

constexpr ledger::Write insert_settings{.statement = {"installation.insert_settings", R"sql(
        INSERT INTO settings (key, value)
        SELECT key, value::jsonb FROM unnest($1::text[], $2::text[]) AS given(key, value))sql"},
                                        .order = 0};

constexpr ledger::Write insert_keys{.statement = {"installation.insert_keys", R"sql(
        INSERT INTO encryption_keys (key_id, purpose, state, wrapped_key, wrap_iv, wrap_tag, root_id, created_at,
                                     activated_at)
        SELECT key_id, purpose, 'active', wrapped_key, wrap_iv, wrap_tag, root_id, at, at
        FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::text[], $7::timestamptz[])
          AS given(key_id, purpose, wrapped_key, wrap_iv, wrap_tag, root_id, at))sql"},
                                    .order = 0};

constexpr ledger::Write insert_administrator{.statement = {"installation.insert_administrator", R"sql(
        INSERT INTO users (id, username, email, password_hash, role_id, status, created_at, updated_at)
        SELECT given.id, given.username, given.email, '!', r.id, 'active', given.at, given.at
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS given(id, username, email, at)
        JOIN roles r ON r.name = 'super_admin')sql"},
                                             .order = 0};

constexpr ledger::Write void_setup_tokens{.statement = {"installation.void_setup_tokens", R"sql(
        UPDATE password_reset_requests SET used = true, used_at = given.at
        FROM unnest($1::uuid[], $2::timestamptz[]) AS given(user_id, at)
        WHERE password_reset_requests.user_id = given.user_id AND kind = 'setup' AND NOT used)sql"},
                                          .order = 1};

constexpr ledger::Write insert_setup_token{.statement = {"installation.insert_setup_token", R"sql(
        INSERT INTO password_reset_requests (id, user_id, token_hash, kind, created_at, expires_at)
        SELECT id, user_id, token_hash, 'setup', created_at, expires_at
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[])
          AS given(id, user_id, token_hash, created_at, expires_at))sql"},
                                           .order = 2};

// Asks nothing, writes what build() of the kind says, then the entries.
class GivenRows : public ledger::Unit {
 public:
  explicit GivenRows(std::vector<ledger::Entry> entries) : entries_(std::move(entries)) {}
  void acquire(ledger::Acquisition&) const override {}
  void build(ledger::Work& work) override {
    write(work);
    for (const auto& entry : entries_) work.audit(entry);
  }

 private:
  virtual void write(ledger::Work&) const {}

  std::vector<ledger::Entry> entries_;
};

class IdentityRows : public GivenRows {
 public:
  explicit IdentityRows(Identity identity) : GivenRows({}), identity_(std::move(identity)) {}

 private:
  void write(ledger::Work& work) const override {
    work.write(insert_settings, "_epoch", json::quoted(identity_.epoch));
    work.write(insert_settings, "_installation_id", json::quoted(identity_.installation_id));
    work.write(insert_settings, "_key_check",
               "{\"content\":" + json::quoted(identity_.content_check) +
                   ",\"metadata\":" + json::quoted(identity_.metadata_check) + "}");
  }

  Identity identity_;
};

class KeyRows : public GivenRows {
 public:
  KeyRows(std::vector<crypto::WrappedKey> keys, std::vector<ledger::Entry> entries)
      : GivenRows(std::move(entries)), keys_(std::move(keys)) {}

 private:
  void write(ledger::Work& work) const override {
    for (const auto& key : keys_) {
      work.write(insert_keys, key.id, crypto::name(key.purpose), key.wrapped.ciphertext,
                 std::span<const std::uint8_t>(key.wrapped.iv), std::span<const std::uint8_t>(key.wrapped.tag),
                 key.root_id, work.now());
    }
  }

  std::vector<crypto::WrappedKey> keys_;
};

class SetupTokenRows : public GivenRows {
 public:
  SetupTokenRows(std::optional<NewAdministrator> account, SetupToken token, std::vector<ledger::Entry> entries)
      : GivenRows(std::move(entries)), account_(std::move(account)), token_(std::move(token)) {}

 private:
  void write(ledger::Work& work) const override {
    if (account_) work.write(insert_administrator, account_->id, account_->username, account_->email, work.now());
    work.write(void_setup_tokens, token_.user, work.now());
    work.write(insert_setup_token, Uuid::v4(), token_.user, token_.hash, work.now(), work.now() + setup_token_life);
  }

  std::optional<NewAdministrator> account_;
  SetupToken token_;
};

StoredKey to_key(const db::Row& row) {
  StoredKey stored;
  stored.key.id = row.get<KeyId>(0);
  const auto purpose = crypto::parse_key_purpose(row.view(1));
  const auto state = crypto::parse_key_state(row.view(2));
  const auto iv = row.get<db::Bytes>(4);
  const auto tag = row.get<db::Bytes>(5);
  stored.is_whole =
      purpose && state && iv.size() == stored.key.wrapped.iv.size() && tag.size() == stored.key.wrapped.tag.size();
  if (!stored.is_whole) return stored;
  stored.key.purpose = *purpose;
  stored.key.state = *state;
  stored.key.wrapped.ciphertext = row.get<db::Bytes>(3);
  std::ranges::copy(iv, stored.key.wrapped.iv.begin());
  std::ranges::copy(tag, stored.key.wrapped.tag.begin());
  stored.key.root_id = row.get<std::string>(6);
  return stored;
}

}  // namespace

Task<db::Rows> Reader::ask(const db::Statement* statement, db::Params params) {
  std::vector<db::Command> commands;
  commands.push_back({statement, std::move(params)});
  const auto answers = co_await link_.run(std::move(commands));
  co_return answers[0];
}

Task<bool> Reader::is_established() {
  const auto has_settings = co_await ask(&select_has_settings, {});
  if (!has_settings[0].get<bool>(0)) co_return false;
  const auto rows = co_await ask(&select_is_established, {});
  co_return rows[0].get<bool>(0);
}

Task<Identity> Reader::identity() {
  const auto rows = co_await ask(&select_identity, {});
  Identity identity;
  for (const auto row : rows) {
    const auto key = row.view(0);
    if (key == "_epoch") identity.epoch = row.get<std::optional<std::string>>(1).value_or("");
    if (key == "_installation_id") identity.installation_id = row.get<std::optional<std::string>>(1).value_or("");
    if (key == "_key_check") {
      identity.content_check = row.get<std::optional<std::string>>(2).value_or("");
      identity.metadata_check = row.get<std::optional<std::string>>(3).value_or("");
    }
  }
  co_return identity;
}

Task<std::vector<StoredKey>> Reader::keys() {
  const auto rows = co_await ask(&select_keys, {});
  std::vector<StoredKey> keys;
  for (const auto row : rows) keys.push_back(to_key(row));
  co_return keys;
}

Task<std::vector<std::int32_t>> Reader::unrecorded_migrations() {
  const auto rows = co_await ask(&select_unrecorded_migrations, {});
  std::vector<std::int32_t> versions;
  for (const auto row : rows) versions.push_back(row.get<std::int32_t>(0));
  co_return versions;
}

Task<std::optional<ActiveAdministrator>> Reader::administrator() {
  const auto rows = co_await ask(&select_administrator, {});
  if (rows.empty()) co_return std::nullopt;
  co_return ActiveAdministrator{.user = rows[0].get<UserId>(0), .has_logged_in = rows[0].get<bool>(1)};
}

Task<bool> Reader::is_name_taken(std::string username, std::optional<std::string> email) {
  const auto rows = co_await ask(&select_name, db::Params::of(username, email));
  co_return !rows.empty();
}

std::shared_ptr<ledger::Unit> write_identity(Identity identity) {
  return std::make_shared<IdentityRows>(std::move(identity));
}

std::shared_ptr<ledger::Unit> write_keys(std::vector<crypto::WrappedKey> keys, std::vector<ledger::Entry> entries) {
  return std::make_shared<KeyRows>(std::move(keys), std::move(entries));
}

std::shared_ptr<ledger::Unit> write_entries(std::vector<ledger::Entry> entries) {
  return std::make_shared<GivenRows>(std::move(entries));
}

std::shared_ptr<ledger::Unit> write_setup_token(std::optional<NewAdministrator> account, SetupToken token,
                                                std::vector<ledger::Entry> entries) {
  return std::make_shared<SetupTokenRows>(std::move(account), std::move(token), std::move(entries));
}

}  // namespace mcp::operations::store
