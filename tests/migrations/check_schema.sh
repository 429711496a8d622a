#!/usr/bin/env bash
# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#
# Protects the promises that the schema itself keeps, whoever connects: the trail refuses changes, clear text has no place,
# the serving role gets no more than its grants, and what takes a right away is announced.
# usage: script/with-postgres tests/migrations/check_schema.sh
# The server comes in MCP_TEST_PG_HOST, MCP_TEST_PG_PORT, MCP_TEST_PG_USER (a superuser).
set -euo pipefail
export PGHOST=$MCP_TEST_PG_HOST PGPORT=$MCP_TEST_PG_PORT
here=$(cd "$(dirname "$0")" && pwd)
super=$MCP_TEST_PG_USER
failures=0 checks=0

run() { # ROLE DATABASE SQL: output and errors, errors as "ERROR:  <sqlstate>"
  psql -X -q -A -t -v VERBOSITY=sqlstate -U "$1" -d "$2" -c "$3" 2>&1 || true
}
fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}
refused() { # ROLE SQLSTATE SQL
  checks=$((checks + 1))
  local output
  output=$(run "$1" "$database" "$3")
  [[ $output == *"ERROR:  $2"* ]] || fail "$1 should be refused with $2: $3: ${output:-(succeeded)}"
}
allowed() { # ROLE SQL
  checks=$((checks + 1))
  local output
  output=$(run "$1" "$database" "$2")
  [[ $output != *ERROR* ]] || fail "$1 should be allowed: $2: $output"
}
gives() { # ROLE EXPECTED SQL
  checks=$((checks + 1))
  local output
  output=$(run "$1" "$database" "$3")
  [[ $output == "$2" ]] || fail "$3 should give '$2', gave '$output'"
}

run "$super" postgres "CREATE ROLE schema_owner LOGIN" >/dev/null
run "$super" postgres "CREATE ROLE schema_serving LOGIN" >/dev/null
run "$super" postgres "CREATE ROLE schema_stranger LOGIN" >/dev/null
run "$super" postgres "CREATE ROLE \"o'wner \"\"100%\"\"\" LOGIN" >/dev/null

# --- one owner, another serving role -------------------------------------------------------------------------------
database=schema_check
run "$super" postgres "CREATE DATABASE $database OWNER schema_owner" >/dev/null
# Before PostgreSQL 15 schema public belongs to the superuser; whoever makes the database closes it.
run "$super" "$database" "ALTER SCHEMA public OWNER TO schema_owner" >/dev/null
"$here/apply.sh" "$database" schema_owner schema_serving

gives "$super" 33 "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = 'schema_owner'"
gives "$super" 0 "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner <> 'schema_owner'"
gives "$super" fillfactor=50 "SELECT array_to_string(reloptions, ',') FROM pg_class WHERE relname = 'channels'"
gives "$super" "timestamp with time zone" "SELECT DISTINCT data_type FROM information_schema.columns
  WHERE table_schema = 'public' AND data_type LIKE '%time%'"
gives "$super" 0 "SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = 'public' AND has_function_privilege('schema_stranger', p.oid, 'EXECUTE')"

gives schema_serving 22 "SELECT count(*) FROM permissions"
gives schema_serving "admin:20 auditor:1 moderator:11 super_admin:22 user:6" "SELECT string_agg(name || ':' || n, ' ' ORDER BY name)
  FROM (SELECT r.name, count(*) AS n FROM roles r JOIN role_permissions ON role_id = r.id GROUP BY 1) AS granted"
gives schema_serving user "SELECT name FROM roles WHERE is_default"
gives schema_serving "General, Announcements" "SELECT string_agg(name, ', ' ORDER BY id) FROM channels"
gives schema_serving moderator "SELECT metadata ->> 'postingRole' FROM channels WHERE id = '00000000-0000-0000-0000-000000000002'"
gives schema_serving 0 "SELECT count(*) FROM users"
gives schema_serving 0 "SELECT count(*) FROM revocations"

# The rows the checks work on.
user=10000000-0000-4000-8000-000000000001 other=10000000-0000-4000-8000-000000000002
general=00000000-0000-0000-0000-000000000001
key=20000000-0000-4000-8000-000000000001 message=30000000-0000-7000-8000-000000000001
chain=40000000-0000-4000-8000-000000000001 session=50000000-0000-7000-8000-000000000001
zeros=$(printf '0%.0s' {1..64})
allowed schema_serving "INSERT INTO users (id, username, password_hash, role_id) SELECT u.id::uuid, u.name, '!', r.id
  FROM (VALUES ('$user', 'amara'), ('$other', 'bela')) AS u(id, name), roles r WHERE r.name = 'user'"
allowed schema_serving "INSERT INTO encryption_keys (key_id, purpose, state, wrapped_key, wrap_iv, wrap_tag, root_id)
  VALUES ('$key', 'message', 'active', '\\x00', decode(repeat('00', 12), 'hex'), decode(repeat('00', 16), 'hex'), 'r')"
allowed schema_serving "INSERT INTO messages (id, channel_id, sender_id, seq, rev, created_rev, encrypted_text, key_id, timestamp)
  VALUES ('$message', '$general', '$user', 1, 1, 1, '\\x7b7d', '$key', now())"
allowed schema_serving "INSERT INTO message_versions VALUES ('$message', 1, '\\x7b7d', '$key', false, now(), '$user')"
allowed schema_serving "INSERT INTO read_positions VALUES ('$general', '$user', 1, '$message', now())"
allowed schema_serving "INSERT INTO audit_chains (chain_id, instance_name, hostname) VALUES ('$chain', 'i', 'h')"
allowed schema_serving "INSERT INTO audit_logs (id, chain_id, seq, timestamp, action, severity, outcome, hostname, process_id,
  previous_log_hash, current_log_hash) VALUES ('$chain', '$chain', 1, now(), 'audit_chain_started', 'critical', 'success', 'h', 1,
  '$zeros', '$zeros')"
allowed schema_serving "INSERT INTO audit_merkle_leaves (log_index, chain_id, seq, leaf_hash)
  VALUES (0, '$chain', 1, decode(repeat('00', 32), 'hex'))"
allowed schema_serving "INSERT INTO audit_merkle_nodes VALUES (0, 0, decode(repeat('00', 8192), 'hex'))"
allowed schema_serving "INSERT INTO audit_checkpoints (tree_size, root_hash, origin, signed_note, key_name)
  VALUES (1, decode(repeat('00', 32), 'hex'), 'o', 'n', 'k')"

# The trail: refused for the serving role, the owner, and a superuser who switches ordinary triggers off.
for table in audit_logs audit_merkle_leaves audit_checkpoints; do
  column=$(case $table in audit_logs) echo hostname ;; audit_merkle_leaves) echo seq ;; *) echo origin ;; esac)
  for role in schema_serving schema_owner "$super"; do
    refused "$role" 42501 "UPDATE $table SET $column = $column"
    refused "$role" 42501 "UPDATE $table SET $column = $column WHERE false"
    refused "$role" 42501 "DELETE FROM $table"
    refused "$role" 42501 "TRUNCATE $table"
  done
  refused "$super" 42501 "SET session_replication_role = replica; DELETE FROM $table"
done
refused schema_owner 42501 "TRUNCATE users CASCADE"
refused schema_serving 42501 "INSERT INTO audit_checkpoints (tree_size, root_hash, origin, signed_note, key_name)
  VALUES (1, decode(repeat('00', 32), 'hex'), 'o', 'n', 'k') ON CONFLICT (tree_size) DO UPDATE SET origin = 'x'"

# The serving role: adds to the record, changes nothing in it, owns nothing.
refused schema_serving 42501 "UPDATE audit_merkle_nodes SET hashes = hashes"
refused schema_serving 42501 "DELETE FROM audit_merkle_nodes"
refused schema_serving 42501 "DELETE FROM message_versions"
refused schema_serving 42501 "UPDATE message_versions SET replaced_at = now()"
allowed schema_serving "UPDATE message_versions SET key_id = key_id, encrypted_text = encrypted_text"
refused schema_serving 42501 "UPDATE read_positions SET seq = 2"
refused schema_serving 42501 "DELETE FROM read_positions"
refused schema_serving 42501 "INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'x', '$zeros')"
refused schema_serving 42501 "TRUNCATE messages CASCADE"
refused schema_serving 42501 "ALTER TABLE audit_logs DISABLE TRIGGER ALL"
refused schema_serving 42501 "DROP TRIGGER audit_logs_refuse_change ON audit_logs"
refused schema_serving 42501 "DROP TABLE audit_logs"
refused schema_serving 42501 "CREATE TABLE own (id INT)"
refused schema_serving 42501 "CREATE TEMPORARY TABLE own (id INT)"
refused schema_serving 42501 "CREATE FUNCTION own() RETURNS INT LANGUAGE sql AS 'SELECT 1'"
refused schema_serving 42501 "ALTER FUNCTION refuse_change() OWNER TO schema_serving"
refused schema_serving 42501 "SET ROLE schema_owner"
refused schema_serving 42501 "SET session_replication_role = replica"
refused schema_serving 42501 "SELECT pg_read_file('PG_VERSION')"
refused schema_serving 42501 "COPY users TO PROGRAM 'cat'"

# Somebody else gets nothing at all.
checks=$((checks + 1))
[[ $(run schema_stranger "$database" "SELECT 1") == *"permission denied for database"* ]] || fail "a stranger can connect"
for privilege in USAGE CREATE; do
  gives "$super" f "SELECT has_schema_privilege('schema_stranger', 'public', '$privilege')"
done
gives "$super" 0 "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
  AND has_table_privilege('schema_stranger', oid, 'SELECT, INSERT, UPDATE, DELETE')"

# purge_expired: outside the term only, in bounded portions.
refused schema_serving 42501 "SELECT purge_expired('message_versions', now() - interval '2191 days', 10)"
refused schema_serving 42501 "SELECT purge_expired('message_versions', NULL, 10)"
refused schema_serving 22023 "SELECT purge_expired('audit_logs', now() - interval '9 years', 10)"
refused schema_serving 22023 "SELECT purge_expired('message_versions', now() - interval '9 years', 0)"
allowed schema_serving "INSERT INTO message_versions SELECT '$message', n, '\\x7b7d', '$key', false, now() - interval '8 years', '$user'
  FROM generate_series(2, 4) AS n"
gives schema_serving 2 "SELECT purge_expired('message_versions', now() - interval '7 years', 2)"
gives schema_serving 1 "SELECT purge_expired('message_versions', now() - interval '7 years', 2)"
gives schema_serving 1 "SELECT count(*) FROM message_versions"
allowed schema_serving "INSERT INTO settings (key, value) VALUES ('messageRetentionDays', '3650')"
refused schema_serving 42501 "SELECT purge_expired('read_positions', now() - interval '7 years', 2)"
gives schema_serving 0 "SELECT purge_expired('read_positions', now() - interval '11 years', 2)"
allowed schema_serving "UPDATE settings SET value = '0' WHERE key = 'messageRetentionDays'"
refused schema_serving 42501 "SELECT purge_expired('read_positions', now() - interval '90 years', 2)"

# What a row may hold.
refused schema_serving 23514 "UPDATE messages SET text = 'in the clear'"
refused schema_serving 23514 "UPDATE messages SET encrypted_text = NULL"
allowed schema_serving "UPDATE messages SET encrypted_text = NULL, key_id = NULL, deleted = true"
refused schema_serving 23505 "INSERT INTO messages (id, channel_id, sender_id, seq, rev, created_rev, deleted, timestamp)
  VALUES ('$user', '$general', '$user', 1, 2, 2, true, now())"
refused schema_serving 23505 "INSERT INTO users (id, username, password_hash, role_id)
  SELECT '$key', 'AMARA', '!', id FROM roles LIMIT 1"
refused schema_serving 23514 "UPDATE users SET status = 'odd'"
refused schema_serving 23514 "UPDATE channels SET is_private = true WHERE id = '$general'"
refused schema_serving 23505 "INSERT INTO channels (id, name) VALUES ('$key', 'GENERAL')"
allowed schema_serving "INSERT INTO channels (id, name, kind, is_private) VALUES ('$key', 'General', 'private', true)"
refused schema_serving 23505 "UPDATE roles SET is_default = true WHERE name = 'admin'"
refused schema_serving 23505 "INSERT INTO encryption_keys (key_id, purpose, state, wrapped_key, wrap_iv, wrap_tag, root_id)
  SELECT '$user', purpose, state, wrapped_key, wrap_iv, wrap_tag, root_id FROM encryption_keys"
refused schema_serving 23514 "UPDATE encryption_keys SET state = 'retired'"
refused schema_serving 23514 "INSERT INTO password_reset_requests (id, user_id, token_hash, created_at, expires_at)
  VALUES ('$user', '$user', 'h', now(), now() + interval '61 minutes')"
allowed schema_serving "INSERT INTO password_reset_requests (id, user_id, token_hash, kind, created_at, expires_at)
  VALUES ('$user', '$user', 'h', 'setup', now(), now() + interval '24 hours')"
refused schema_serving 23505 "INSERT INTO notification_preferences (id, user_id, context_type, level)
  VALUES ('$user', '$user', 'global', 'all'), ('$other', '$user', 'global', 'none')"

# updated_at moves with the account, not with a login.
gives schema_serving t "BEGIN; UPDATE users SET updated_at = '2000-01-01' WHERE id = '$user';
  UPDATE users SET last_login = now(), failed_login_attempts = 3 WHERE id = '$user';
  SELECT updated_at = '2000-01-01' FROM users WHERE id = '$user'; ROLLBACK"
gives schema_serving t "BEGIN; UPDATE users SET first_name = 'A' WHERE id = '$user';
  SELECT updated_at > created_at FROM users WHERE id = '$user'; ROLLBACK"

# Announced: what takes a right away; silent: what happens with every message.
announces() { # KIND SQL (as the owner would by hand)
  checks=$((checks + 1))
  local output
  output=$(run schema_owner "$database" "LISTEN mcp_revocation; $2; SELECT kind FROM revocations ORDER BY id DESC LIMIT 1")
  # psql -c sends all in one transaction; what arrives after COMMIT is printed with the result.
  [[ $output == *'"kind":"'"$1"'"'* && $output == *"$1"* ]] || fail "$2 should announce $1: $output"
}
silent() { # SQL
  checks=$((checks + 1))
  local before after
  before=$(run schema_owner "$database" "SELECT count(*) FROM revocations")
  allowed schema_serving "$1"
  after=$(run schema_owner "$database" "SELECT count(*) FROM revocations")
  [[ $before == "$after" ]] || fail "$1 should not be announced"
}
silent "INSERT INTO sessions (id, user_id, token_hash, expires_at, max_expires_at)
  VALUES ('$session', '$user', 'h', now() + interval '1 hour', now() + interval '7 days')"
silent "UPDATE sessions SET last_used_at = now()"
silent "UPDATE sessions SET is_valid = is_valid, expires_at = expires_at"
silent "UPDATE channels SET last_seq = last_seq + 1, last_rev = last_rev + 1, last_activity = now() WHERE id = '$general'"
silent "UPDATE users SET last_login = now(), failed_login_attempts = 1"
announces session "UPDATE sessions SET token_hash = 'h2'"
announces session "UPDATE sessions SET expires_at = expires_at - interval '1 minute'"
announces session "UPDATE sessions SET is_valid = false"
announces session "DELETE FROM sessions"
announces user "UPDATE users SET status = 'suspended' WHERE id = '$other'"
announces user "UPDATE users SET force_password_change = true WHERE id = '$other'"
announces user "UPDATE users SET role_id = (SELECT id FROM roles WHERE name = 'auditor') WHERE id = '$other'"
announces channel_member "INSERT INTO channel_members (channel_id, user_id) VALUES ('$general', '$user')"
announces channel_member "UPDATE channel_members SET role = 'admin'"
silent "UPDATE channel_members SET last_read_seq = 1, last_read_at = now()"
announces channel_member "DELETE FROM channel_members"
announces channel "UPDATE channels SET archived = true WHERE id = '$general'"
announces channel "DELETE FROM channels WHERE id = '$key'"
announces role "UPDATE roles SET description = 'x' WHERE name = 'user'"
announces role "DELETE FROM role_permissions WHERE role_id = (SELECT id FROM roles WHERE name = 'moderator')"
announces role "INSERT INTO roles (id, name) VALUES ('$key', 'nurse')"
announces emergency_access "INSERT INTO emergency_access (id, user_id, channel_id, reason, expires_at)
  VALUES ('$key', '$user', '$general', 'a reason', now() + interval '15 minutes')"
silent "UPDATE emergency_access SET reads = reads + 1"
announces emergency_access "UPDATE emergency_access SET ended_at = now()"

# --- an owner with a name that needs quoting, serving itself, who may not make roles ---------------------------------
database=schema_check_single
run "$super" postgres "DROP OWNED BY mcp_messenger_auditor; DROP ROLE mcp_messenger_auditor" >/dev/null
run "$super" postgres "CREATE DATABASE $database OWNER \"o'wner \"\"100%\"\"\"" >/dev/null
"$here/apply.sh" "$database" "o'wner \"100%\"" "o'wner \"\"100%\"\""
refused "o'wner \"100%\"" 42501 "DELETE FROM audit_logs"
allowed "o'wner \"100%\"" "UPDATE channels SET archived = false"

# --- the auditors' role, where the owner may make it -----------------------------------------------------------------
database=schema_check_auditor
run "$super" postgres "CREATE ROLE schema_creator LOGIN CREATEROLE" >/dev/null
run "$super" postgres "CREATE DATABASE $database OWNER schema_creator" >/dev/null
run "$super" "$database" "ALTER SCHEMA public OWNER TO schema_creator" >/dev/null
"$here/apply.sh" "$database" schema_creator schema_serving
gives "$super" f "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'mcp_messenger_auditor'"
gives "$super" "audit_chains, audit_checkpoints, audit_logs, audit_merkle_leaves, audit_merkle_nodes, audit_signing_keys" \
  "SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace
   AND relkind = 'r' AND has_table_privilege('mcp_messenger_auditor', oid, 'SELECT')"
gives "$super" 0 "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
   AND has_table_privilege('mcp_messenger_auditor', oid, 'INSERT, UPDATE, DELETE, TRUNCATE')"

echo "schema: $checks checks, $failures failed ($(run "$super" postgres 'SHOW server_version'))"
[ "$failures" -eq 0 ]
