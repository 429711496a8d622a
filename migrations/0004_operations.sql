-- Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
-- What running the server needs to remember.

-- Run-time settings. Keys with a leading underscore are internal and never on the wire: _epoch, _installation_id,
-- _key_check; made by the program, which alone may draw random values.
CREATE TABLE settings (
  key         TEXT PRIMARY KEY,
  value       JSONB NOT NULL,
  updated_at  TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  updated_by  UUID REFERENCES users (id),
  version     INTEGER NOT NULL DEFAULT 1
);
CREATE TRIGGER settings_updated_at BEFORE UPDATE ON settings
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION set_updated_at();

CREATE TABLE announcements (
  id          UUID PRIMARY KEY,
  audience    JSONB NOT NULL,  -- "all", or a list of role names
  level       TEXT NOT NULL CONSTRAINT announcements_level_check CHECK (level IN ('info', 'warning', 'critical')),
  title       TEXT NOT NULL,
  text        TEXT NOT NULL,
  created_by  UUID NOT NULL REFERENCES users (id),
  created_at  TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  total       INTEGER NOT NULL DEFAULT 0,
  sent        INTEGER NOT NULL DEFAULT 0,
  failed      INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE backups (
  id           UUID PRIMARY KEY,
  file         TEXT NOT NULL,
  started_at   TIMESTAMPTZ(3) NOT NULL,
  finished_at  TIMESTAMPTZ(3),
  ok           BOOLEAN,  -- none while it runs
  bytes        BIGINT,
  sha256       CHAR(64),
  verified_at  TIMESTAMPTZ(3)
);

-- Notices that must survive a restart.
CREATE TABLE outbox (
  id                 UUID PRIMARY KEY,
  kind               TEXT NOT NULL,
  recipient_user_id  UUID NOT NULL REFERENCES users (id),
  payload            TEXT NOT NULL,  -- ciphertext
  created_at         TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  next_attempt_at    TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  attempts           INTEGER NOT NULL DEFAULT 0,
  delivered_at       TIMESTAMPTZ(3)
);
CREATE INDEX outbox_next_attempt_at ON outbox (next_attempt_at) WHERE delivered_at IS NULL;

CREATE TABLE rate_limit_blocks (
  id             UUID PRIMARY KEY,
  tier           TEXT NOT NULL,
  subject        TEXT NOT NULL,  -- address, /64 or session id
  violations     INTEGER NOT NULL,
  since          TIMESTAMPTZ(3) NOT NULL,
  blocked_until  TIMESTAMPTZ(3) NOT NULL,
  updated_at     TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  CONSTRAINT rate_limit_blocks_tier_subject_key UNIQUE (tier, subject)
);
CREATE TRIGGER rate_limit_blocks_updated_at BEFORE UPDATE ON rate_limit_blocks
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION set_updated_at();

CREATE TABLE metrics_history (
  at      TIMESTAMPTZ(3) NOT NULL,
  series  TEXT NOT NULL,
  value   DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (series, at)
);

GRANT SELECT, INSERT, UPDATE, DELETE
  ON settings, announcements, backups, outbox, rate_limit_blocks, metrics_history TO :serving_role;
