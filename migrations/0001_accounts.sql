-- Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
-- Accounts, what they may do, and how they prove who they are.
--
-- Every file of this folder runs once, as the owner, in a transaction of its own; a released file is never edited.
-- `:serving_role` stands for the role the server works as (it may be the owner). PostgreSQL 12 and later, no extension:
-- the server makes all ids. Times have milliseconds, like the wire and the hashed audit entries.

-- Nothing is open to PUBLIC. On an external server the schema or the database may belong to somebody else; then this is
-- the administrator's decision, and `doctor` reports it.
DO $$
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'the database belongs to another role: its rights are left as they are';
END
$$;
DO $$
BEGIN
  REVOKE ALL ON SCHEMA public FROM PUBLIC;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'schema public belongs to another role: its rights are left as they are';
END
$$;
DO $$
BEGIN
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO ', current_database()) || $role$:serving_role$role$;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'the database belongs to another role: the serving role must be able to connect by its grants';
END
$$;
DO $$
BEGIN
  GRANT USAGE ON SCHEMA public TO :serving_role;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'schema public belongs to another role: the serving role must be able to use it by its grants';
END
$$;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE TABLE IF NOT EXISTS schema_migrations (  -- the runner makes it first, to write down this very file
  version         INTEGER PRIMARY KEY,
  name            TEXT NOT NULL,
  checksum        CHAR(64) NOT NULL,
  applied_at      TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  duration_ms     BIGINT NOT NULL DEFAULT 0,
  server_version  TEXT NOT NULL DEFAULT ''
);
GRANT SELECT ON schema_migrations TO :serving_role;

-- A value the statement sets itself wins: restores and imports keep the times they bring.
CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
    NEW.updated_at := now();
  END IF;
  RETURN NEW;
END
$$;

CREATE TABLE roles (
  id           UUID PRIMARY KEY,
  name         VARCHAR(50) NOT NULL CONSTRAINT roles_name_key UNIQUE,
  description  TEXT,
  is_default   BOOLEAN NOT NULL DEFAULT false,
  is_system    BOOLEAN NOT NULL DEFAULT false,  -- built in: cannot be deleted
  created_at   TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  updated_at   TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX roles_one_default ON roles (is_default) WHERE is_default;

CREATE TABLE permissions (
  id           UUID PRIMARY KEY,
  name         VARCHAR(100) NOT NULL CONSTRAINT permissions_name_key UNIQUE,
  description  TEXT,
  category     VARCHAR(50) NOT NULL
);

CREATE TABLE role_permissions (
  role_id        UUID NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
  permission_id  UUID NOT NULL REFERENCES permissions (id),
  PRIMARY KEY (role_id, permission_id)
);

CREATE TABLE users (
  id                        UUID PRIMARY KEY,
  username                  VARCHAR(50) NOT NULL CONSTRAINT users_username_key UNIQUE,
  email                     VARCHAR(255) CONSTRAINT users_email_key UNIQUE,
  password_hash             VARCHAR(255) NOT NULL,  -- '!' = no password verifies
  salt                      VARCHAR(255),           -- legacy hashes only; Argon2id carries its own
  password_hash_type        VARCHAR(20) NOT NULL DEFAULT 'argon2id'
                            CONSTRAINT users_password_hash_type_check
                            CHECK (password_hash_type IN ('argon2id', 'pbkdf2', 'sha256')),
  first_name                VARCHAR(100),
  last_name                 VARCHAR(100),
  role_id                   UUID NOT NULL CONSTRAINT users_role_id_fkey REFERENCES roles (id),
  status                    VARCHAR(20) NOT NULL DEFAULT 'active'
                            CONSTRAINT users_status_check
                            CHECK (status IN ('active', 'pending', 'inactive', 'suspended', 'deleted')),
  last_login                TIMESTAMPTZ(3),
  created_at                TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  updated_at                TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  two_factor_enabled        BOOLEAN NOT NULL DEFAULT false,
  two_factor_secret         TEXT,  -- ciphertext; set while two_factor_enabled is false = enrolment pending
  two_factor_pending_until  TIMESTAMPTZ(3),
  two_factor_confirmed_at   TIMESTAMPTZ(3),
  two_factor_last_step      BIGINT,  -- last time step a code was accepted for: each works once
  failed_login_attempts     INTEGER NOT NULL DEFAULT 0,
  lockout_until             TIMESTAMPTZ(3),
  force_password_change     BOOLEAN NOT NULL DEFAULT false,
  password_last_changed     TIMESTAMPTZ(3),
  version                   INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT users_two_factor_check CHECK (NOT two_factor_enabled OR two_factor_secret IS NOT NULL)
);
CREATE UNIQUE INDEX users_username_lower_key ON users (lower(username));
CREATE UNIQUE INDEX users_email_lower_key ON users (lower(email));
CREATE INDEX users_status ON users (status);
CREATE INDEX users_role_id ON users (role_id);

CREATE TABLE sessions (
  id              UUID PRIMARY KEY,  -- the token's sid, stable across refreshes
  user_id         UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash      VARCHAR(255) NOT NULL CONSTRAINT sessions_token_hash_key UNIQUE,  -- SHA-256, hex
  kind            TEXT NOT NULL DEFAULT 'api' CONSTRAINT sessions_kind_check CHECK (kind IN ('api', 'dashboard')),
  created_at      TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  expires_at      TIMESTAMPTZ(3) NOT NULL,
  max_expires_at  TIMESTAMPTZ(3) NOT NULL,  -- no refresh goes beyond
  rotated_at      TIMESTAMPTZ(3),           -- last change of token_hash
  last_used_at    TIMESTAMPTZ(3) NOT NULL DEFAULT now(),  -- written at most once a minute
  ip_address      INET,
  user_agent      TEXT,
  is_valid        BOOLEAN NOT NULL DEFAULT true,
  ended_at        TIMESTAMPTZ(3),
  end_reason      TEXT CONSTRAINT sessions_end_reason_check
                  CHECK (end_reason IN ('logout', 'revoked', 'expired', 'account_disabled', 'password_changed',
                                        'two_factor_changed', 'role_changed', 'reuse_detected', 'administrator'))
);
CREATE INDEX sessions_user_id_valid ON sessions (user_id) WHERE is_valid;
CREATE INDEX sessions_expires_at ON sessions (expires_at);

CREATE TABLE password_reset_requests (
  id            UUID PRIMARY KEY,
  user_id       UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash    VARCHAR(255) NOT NULL CONSTRAINT password_reset_requests_token_hash_key UNIQUE,  -- SHA-256, hex
  kind          TEXT NOT NULL DEFAULT 'reset'
                CONSTRAINT password_reset_requests_kind_check CHECK (kind IN ('reset', 'invitation', 'setup')),
  created_at    TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  expires_at    TIMESTAMPTZ(3) NOT NULL,
  used          BOOLEAN NOT NULL DEFAULT false,
  used_at       TIMESTAMPTZ(3),
  requested_ip  INET,
  CONSTRAINT password_reset_requests_life_check
    CHECK (expires_at <= created_at + CASE kind WHEN 'reset' THEN INTERVAL '1 hour' ELSE INTERVAL '24 hours' END)
);
CREATE INDEX password_reset_requests_user_id ON password_reset_requests (user_id, created_at);

CREATE TABLE recovery_codes (
  id          UUID PRIMARY KEY,
  user_id     UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  code_hash   TEXT NOT NULL,
  created_at  TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  used_at     TIMESTAMPTZ(3),
  CONSTRAINT recovery_codes_user_id_code_hash_key UNIQUE (user_id, code_hash)
);

CREATE TABLE login_challenges (
  id          UUID PRIMARY KEY,
  user_id     UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash  TEXT NOT NULL CONSTRAINT login_challenges_token_hash_key UNIQUE,  -- SHA-256, hex
  attempts    INTEGER NOT NULL DEFAULT 0,
  created_at  TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  expires_at  TIMESTAMPTZ(3) NOT NULL,
  used_at     TIMESTAMPTZ(3)
);

-- Networks an account has logged in from keep counters of their own, so a stranger elsewhere cannot lock the owner out.
CREATE TABLE login_networks (
  user_id          UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  network          CIDR NOT NULL,  -- /24, IPv6 /64
  last_success     TIMESTAMPTZ(3) NOT NULL,
  failed_attempts  INTEGER NOT NULL DEFAULT 0,
  lockout_until    TIMESTAMPTZ(3),
  PRIMARY KEY (user_id, network)
);

CREATE TABLE notification_preferences (
  id            UUID PRIMARY KEY,
  user_id       UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  context_type  TEXT NOT NULL CONSTRAINT notification_preferences_context_type_check
                CHECK (context_type IN ('global', 'channel', 'dm')),
  context_id    UUID,  -- channel, or the other user
  level         TEXT NOT NULL CONSTRAINT notification_preferences_level_check CHECK (level IN ('all', 'mentions', 'none')),
  updated_at    TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  CONSTRAINT notification_preferences_context_check CHECK ((context_type = 'global') = (context_id IS NULL))
);
CREATE UNIQUE INDEX notification_preferences_context_key
  ON notification_preferences (user_id, context_type, COALESCE(context_id, '00000000-0000-0000-0000-000000000000'::uuid));

CREATE TRIGGER roles_updated_at BEFORE UPDATE ON roles
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION set_updated_at();
-- A login or a failed one is no change of the account.
CREATE TRIGGER users_updated_at BEFORE UPDATE ON users
  FOR EACH ROW WHEN ((OLD.username, OLD.email, OLD.password_hash, OLD.first_name, OLD.last_name, OLD.role_id, OLD.status,
                      OLD.two_factor_enabled, OLD.force_password_change, OLD.version)
                     IS DISTINCT FROM
                     (NEW.username, NEW.email, NEW.password_hash, NEW.first_name, NEW.last_name, NEW.role_id, NEW.status,
                      NEW.two_factor_enabled, NEW.force_password_change, NEW.version))
  EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER notification_preferences_updated_at BEFORE UPDATE ON notification_preferences
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION set_updated_at();

GRANT SELECT, INSERT, UPDATE, DELETE
  ON roles, permissions, role_permissions, users, sessions, password_reset_requests, recovery_codes, login_challenges,
     login_networks, notification_preferences
  TO :serving_role;
