// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/account_store.hpp"

#include "core/check.hpp"

namespace mcp::identity {
namespace {

constexpr db::Statement credentials_by_username{"identity.credentials_by_username", R"sql(
    SELECT u.id, u.username, r.name, u.password_hash, u.password_hash_type, u.salt
    FROM users u JOIN roles r ON r.id = u.role_id
    WHERE lower(u.username) = lower($1)
    LIMIT 1)sql"};

constexpr db::Statement credentials_by_id{"identity.credentials_by_id", R"sql(
    SELECT u.id, u.username, r.name, u.password_hash, u.password_hash_type, u.salt
    FROM users u JOIN roles r ON r.id = u.role_id
    WHERE u.id = $1
    LIMIT 1)sql"};

// Ranks of the look-ups and writes of this folder: account before its networks, sessions and tokens, in all of them.
constexpr ledger::Lookup account_lookup{.statement = {"identity.lock_account", R"sql(
        SELECT asked.unit, u.id, u.username, u.email, u.first_name, u.last_name, r.id, r.name, u.status, u.created_at,
               u.updated_at, u.last_login, u.password_last_changed, u.two_factor_enabled, u.force_password_change,
               (SELECT COALESCE(string_agg(p.name, ' '), '') FROM role_permissions rp
                JOIN permissions p ON p.id = rp.permission_id WHERE rp.role_id = u.role_id),
               u.password_hash, u.password_hash_type, u.salt, u.failed_login_attempts, u.lockout_until
        FROM unnest($1::int4[], $2::uuid[]) AS asked(unit, user_id)
        JOIN users u ON u.id = asked.user_id
        JOIN roles r ON r.id = u.role_id
        ORDER BY u.id
        FOR NO KEY UPDATE OF u)sql"},
                                        .order = 2};

constexpr ledger::Lookup network_lookup{.statement = {"identity.lock_network", R"sql(
        SELECT asked.unit, l.last_success, l.failed_attempts, l.lockout_until
        FROM unnest($1::int4[], $2::uuid[], $3::text[]) AS asked(unit, user_id, ip_address)
        JOIN login_networks l ON l.user_id = asked.user_id
         AND l.network = network(set_masklen(asked.ip_address::inet,
                                             CASE family(asked.ip_address::inet) WHEN 4 THEN 24 ELSE 64 END))
        ORDER BY l.user_id, l.network
        FOR NO KEY UPDATE OF l)sql"},
                                        .order = 3};

constexpr ledger::Lookup new_account_lookup{.statement = {"identity.new_account", R"sql(
        SELECT asked.unit, r.id, r.name,
               (SELECT COALESCE(string_agg(p.name, ' '), '') FROM role_permissions rp
                JOIN permissions p ON p.id = rp.permission_id WHERE rp.role_id = r.id),
               EXISTS (SELECT 1 FROM users u WHERE lower(u.username) = lower(asked.username)),
               EXISTS (SELECT 1 FROM users u WHERE lower(u.email) = lower(asked.email))
        FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[]) AS asked(unit, username, email, role)
        LEFT JOIN roles r ON (asked.role = '' AND r.is_default) OR r.name = asked.role)sql"},
                                            .order = 6};

constexpr ledger::Write insert_account{.statement = {"identity.insert_account", R"sql(
        INSERT INTO users (id, username, email, first_name, last_name, role_id, status, password_hash,
                           password_hash_type, force_password_change, password_last_changed, created_at, updated_at)
        SELECT n.id, n.username, n.email, n.first_name, n.last_name, n.role_id, n.status, n.password_hash, 'argon2id',
               n.force_password_change, CASE WHEN n.password_hash = '!' THEN NULL ELSE n.at END, n.at, n.at
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[],
                    $9::boolean[], $10::timestamptz[])
          AS n(id, username, email, first_name, last_name, role_id, status, password_hash, force_password_change, at))sql"},
                                       .order = 1};

// One row per account in each of these: exclusive_account_key() keeps a second unit out of the batch.
constexpr ledger::Write update_account_counter{.statement = {"identity.update_account_counter", R"sql(
        UPDATE users u SET failed_login_attempts = n.failures, lockout_until = n.locked_until
        FROM unnest($1::uuid[], $2::int4[], $3::timestamptz[]) AS n(user_id, failures, locked_until)
        WHERE u.id = n.user_id)sql"},
                                               .order = 2};

constexpr ledger::Write update_last_login{.statement = {"identity.update_last_login", R"sql(
        UPDATE users u SET last_login = n.at
        FROM unnest($1::uuid[], $2::timestamptz[]) AS n(user_id, at)
        WHERE u.id = n.user_id)sql"},
                                          .order = 2};

constexpr ledger::Write update_password{.statement = {"identity.update_password", R"sql(
        UPDATE users u
        SET password_hash = n.hash, password_hash_type = 'argon2id', salt = NULL, password_last_changed = n.at,
            force_password_change = false, version = u.version + 1
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS n(user_id, hash, at)
        WHERE u.id = n.user_id)sql"},
                                        .order = 2};

constexpr ledger::Write update_hash{.statement = {"identity.update_hash", R"sql(
        UPDATE users u SET password_hash = n.hash, password_hash_type = 'argon2id', salt = NULL
        FROM unnest($1::uuid[], $2::text[]) AS n(user_id, hash)
        WHERE u.id = n.user_id)sql"},
                                    .order = 2};

constexpr ledger::Write upsert_network{.statement = {"identity.upsert_network", R"sql(
        INSERT INTO login_networks (user_id, network, last_success, failed_attempts, lockout_until)
        SELECT n.user_id,
               network(set_masklen(n.ip_address::inet, CASE family(n.ip_address::inet) WHEN 4 THEN 24 ELSE 64 END)),
               n.at, 0, NULL
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS n(user_id, ip_address, at)
        ON CONFLICT (user_id, network)
        DO UPDATE SET last_success = EXCLUDED.last_success, failed_attempts = 0, lockout_until = NULL)sql"},
                                       .order = 3};

constexpr ledger::Write update_network_counter{.statement = {"identity.update_network_counter", R"sql(
        UPDATE login_networks l SET failed_attempts = n.failures, lockout_until = n.locked_until
        FROM unnest($1::uuid[], $2::text[], $3::int4[], $4::timestamptz[]) AS n(user_id, ip_address, failures, locked_until)
        WHERE l.user_id = n.user_id
          AND l.network = network(set_masklen(n.ip_address::inet,
                                              CASE family(n.ip_address::inet) WHEN 4 THEN 24 ELSE 64 END)))sql"},
                                               .order = 3};

constexpr ledger::Write reset_network_counters{.statement = {"identity.reset_network_counters", R"sql(
        UPDATE login_networks l SET failed_attempts = 0, lockout_until = NULL
        FROM unnest($1::uuid[]) AS n(user_id)
        WHERE l.user_id = n.user_id)sql"},
                                               .order = 3};

Permissions permissions_in(std::string_view names) {
  Permissions permissions;
  while (!names.empty()) {
    const auto word = names.substr(0, names.find(' '));
    // A name this release does not know grants nothing.
    if (const auto permission = parse_permission(word)) permissions.add(*permission);
    names.remove_prefix(std::min(word.size() + 1, names.size()));
  }
  return permissions;
}

crypto::StoredPassword password_in(const db::Row& row, int first) {
  return {.hash = row.get<std::string>(first),
          .type = row.get<std::string>(first + 1),
          .salt = row.get<std::optional<std::string>>(first + 2).value_or("")};
}

}  // namespace

Credentials read_credentials(const db::Row& row) {
  return {.user = row.get<UserId>(0),
          .username = row.get<std::string>(1),
          .role_name = row.get<std::string>(2),
          .password = password_in(row, 3)};
}

Account read_account_columns(const db::Row& row, int first) {
  // A status that this release does not know must not open anything.
  const auto status = parse_account_status(row.view(first + 7)).value_or(AccountStatus::suspended);
  return {.id = row.get<UserId>(first),
          .username = row.get<std::string>(first + 1),
          .email = row.get<std::optional<std::string>>(first + 2),
          .first_name = row.get<std::optional<std::string>>(first + 3),
          .last_name = row.get<std::optional<std::string>>(first + 4),
          .role_id = row.get<RoleId>(first + 5),
          .role_name = row.get<std::string>(first + 6),
          .status = status,
          .created_at = row.get<Timestamp>(first + 8),
          .updated_at = row.get<Timestamp>(first + 9),
          .last_login = row.get<std::optional<Timestamp>>(first + 10),
          .password_last_changed = row.get<std::optional<Timestamp>>(first + 11),
          .two_factor_enabled = row.get<bool>(first + 12),
          .force_password_change = row.get<bool>(first + 13),
          .permissions = permissions_in(row.view(first + 14))};
}

std::string exclusive_account_key(UserId user) { return "account:" + user.text(); }

void ask_account(ledger::Acquisition& acquisition, UserId user) { acquisition.ask(account_lookup, user); }

std::optional<LockedAccount> read_account(const ledger::Work& work) {
  const auto& rows = work.answers(account_lookup);
  if (rows.empty()) return std::nullopt;
  const auto& row = rows.front();
  const int behind = 1 + account_columns;
  return LockedAccount{.account = read_account_columns(row, 1),
                       .password = password_in(row, behind),
                       .counter = {.failures = row.get<std::int32_t>(behind + 3),
                                   .locked_until = row.get<std::optional<Timestamp>>(behind + 4)}};
}

void ask_network(ledger::Acquisition& acquisition, UserId user, const std::string& ip_address) {
  if (!ip_address.empty()) acquisition.ask(network_lookup, user, ip_address);
}

std::optional<KnownNetwork> read_network(const ledger::Work& work) {
  const auto& rows = work.answers(network_lookup);
  if (rows.empty()) return std::nullopt;
  const auto& row = rows.front();
  return KnownNetwork{
      .last_success = row.get<Timestamp>(1),
      .counter = {.failures = row.get<std::int32_t>(2), .locked_until = row.get<std::optional<Timestamp>>(3)}};
}

void write_account_counter(ledger::Work& work, UserId user, const FailureCounter& counter) {
  work.write(update_account_counter, user, counter.failures, counter.locked_until);
}

void write_network_counter(ledger::Work& work, UserId user, const std::string& ip_address,
                           const FailureCounter& counter) {
  work.write(update_network_counter, user, ip_address, counter.failures, counter.locked_until);
}

void write_login(ledger::Work& work, UserId user, const std::string& ip_address) {
  work.write(update_last_login, user, work.now());
  if (!ip_address.empty()) work.write(upsert_network, user, ip_address, work.now());
}

void write_unlock(ledger::Work& work, UserId user) {
  write_account_counter(work, user, {});
  work.write(reset_network_counters, user);
}

void write_password(ledger::Work& work, UserId user, const std::string& argon2id_hash) {
  work.write(update_password, user, argon2id_hash, work.now());
}

void write_upgraded_hash(ledger::Work& work, UserId user, const std::string& argon2id_hash) {
  work.write(update_hash, user, argon2id_hash);
}

void ask_new_account(ledger::Acquisition& acquisition, const std::string& username,
                     const std::optional<std::string>& email, const std::string& role) {
  acquisition.ask(new_account_lookup, username, email, role);
}

NewAccountFacts read_new_account(const ledger::Work& work) {
  const auto& rows = work.answers(new_account_lookup);
  CHECK(!rows.empty());  // a LEFT JOIN answers everybody
  const auto& row = rows.front();
  NewAccountFacts facts{.role = row.get<std::optional<RoleId>>(1),
                        .role_name = row.get<std::optional<std::string>>(2).value_or(""),
                        .role_permissions = {},
                        .is_username_taken = row.get<bool>(4),
                        .is_email_taken = row.get<bool>(5)};
  if (facts.role) facts.role_permissions = permissions_in(row.view(3));
  return facts;
}

void write_new_account(ledger::Work& work, const AccountRow& row) {
  work.write(insert_account, row.id, row.username, row.email, row.first_name, row.last_name, row.role, name(row.status),
             row.password_hash, row.force_password_change, work.now());
}

Task<std::optional<Credentials>> AccountStore::find_credentials(std::string username) const {
  const auto rows = co_await database_.query(credentials_by_username, db::Params::of(username));
  if (rows.empty()) co_return std::nullopt;
  co_return read_credentials(rows[0]);
}

Task<std::optional<Credentials>> AccountStore::find_credentials(UserId user) const {
  const auto rows = co_await database_.query(credentials_by_id, db::Params::of(user));
  if (rows.empty()) co_return std::nullopt;
  co_return read_credentials(rows[0]);
}

}  // namespace mcp::identity
