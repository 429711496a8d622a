-- Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
-- The audit trail: hash chains, one Merkle log over all of them, signed checkpoints.

-- Heads of the chains. The row's lock orders its chain.
CREATE TABLE audit_chains (
  chain_id       UUID PRIMARY KEY,
  instance_name  TEXT NOT NULL,
  hostname       TEXT NOT NULL,
  started_at     TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  closed_at      TIMESTAMPTZ(3),
  last_seq       BIGINT NOT NULL DEFAULT 0,
  last_hash      CHAR(64) NOT NULL DEFAULT repeat('0', 64)
) WITH (fillfactor = 50);  -- the head changes with every batch

-- No entry ever changes: not by a foreign key's action either, so user_id has none; session_id has no key at all because
-- sessions are removed after a while.
CREATE TABLE audit_logs (
  id                 UUID PRIMARY KEY,
  chain_id           UUID NOT NULL,
  seq                BIGINT NOT NULL,
  timestamp          TIMESTAMPTZ(3) NOT NULL,  -- set by the server: it is hashed
  user_id            UUID CONSTRAINT audit_logs_user_id_fkey REFERENCES users (id),
  session_id         UUID,
  request_id         TEXT,
  action             VARCHAR(100) NOT NULL,
  severity           TEXT NOT NULL CONSTRAINT audit_logs_severity_check
                     CHECK (severity IN ('info', 'notice', 'warning', 'critical')),
  outcome            TEXT NOT NULL CONSTRAINT audit_logs_outcome_check CHECK (outcome IN ('success', 'failure', 'denied')),
  details            JSONB NOT NULL DEFAULT '{}',
  ip_address         INET,
  user_agent         TEXT,
  hostname           TEXT NOT NULL,
  process_id         BIGINT NOT NULL,
  previous_log_hash  CHAR(64) NOT NULL,
  current_log_hash   CHAR(64) NOT NULL,
  CONSTRAINT audit_logs_chain_id_seq_key UNIQUE (chain_id, seq)
);
CREATE INDEX audit_logs_timestamp_id ON audit_logs (timestamp, id);
CREATE INDEX audit_logs_user_id_timestamp ON audit_logs (user_id, timestamp);
CREATE INDEX audit_logs_action_timestamp ON audit_logs (action, timestamp) WHERE severity IN ('warning', 'critical');

CREATE TABLE audit_merkle_leaves (
  log_index     BIGINT PRIMARY KEY,
  chain_id      UUID NOT NULL,
  seq           BIGINT NOT NULL,
  leaf_hash     BYTEA NOT NULL CONSTRAINT audit_merkle_leaves_leaf_hash_check CHECK (length(leaf_hash) = 32),
  sequenced_at  TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  CONSTRAINT audit_merkle_leaves_chain_id_seq_key UNIQUE (chain_id, seq)
);

-- Complete tiles only (C2SP tlog-tiles, height 8): 256 hashes of one level side by side. An incomplete one would have to
-- be changed, and nothing here may be.
CREATE TABLE audit_merkle_nodes (
  level   INTEGER NOT NULL CONSTRAINT audit_merkle_nodes_level_check CHECK (level >= 0),  -- of tiles: 0, 1, 2 ...
  index   BIGINT NOT NULL CONSTRAINT audit_merkle_nodes_index_check CHECK (index >= 0),
  hashes  BYTEA NOT NULL CONSTRAINT audit_merkle_nodes_hashes_check CHECK (length(hashes) = 256 * 32),
  PRIMARY KEY (level, index)
);

CREATE TABLE audit_checkpoints (
  tree_size    BIGINT PRIMARY KEY,
  root_hash    BYTEA NOT NULL CONSTRAINT audit_checkpoints_root_hash_check CHECK (length(root_hash) = 32),
  origin       TEXT NOT NULL,
  signed_note  TEXT NOT NULL,
  key_name     TEXT NOT NULL,
  created_at   TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);

-- Public keys, old ones too; the private ones never leave the home.
CREATE TABLE audit_signing_keys (
  key_name    TEXT PRIMARY KEY,
  public_key  BYTEA NOT NULL,
  created_at  TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  retired_at  TIMESTAMPTZ(3)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'table % only ever grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

-- For the statement, so that one that finds no row is refused as well; ALWAYS, so that session_replication_role does not
-- switch them off.
CREATE TRIGGER audit_logs_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_logs
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_merkle_leaves_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_merkle_leaves
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_checkpoints_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_logs ENABLE ALWAYS TRIGGER audit_logs_refuse_change;
ALTER TABLE audit_merkle_leaves ENABLE ALWAYS TRIGGER audit_merkle_leaves_refuse_change;
ALTER TABLE audit_checkpoints ENABLE ALWAYS TRIGGER audit_checkpoints_refuse_change;

GRANT SELECT, INSERT, UPDATE, DELETE ON audit_chains, audit_signing_keys TO :serving_role;
GRANT SELECT, INSERT ON audit_logs, audit_merkle_leaves, audit_merkle_nodes, audit_checkpoints TO :serving_role;

-- A role that an organisation's auditors can be given: the trail and nothing else. Roles belong to the whole server and
-- making one is a right of its own; where the owner lacks it, an administrator can add the role and these grants later.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mcp_messenger_auditor') THEN
    CREATE ROLE mcp_messenger_auditor NOLOGIN;
  END IF;
EXCEPTION
  WHEN insufficient_privilege THEN
    RAISE NOTICE 'role mcp_messenger_auditor is not made: the owner may not make roles';
  WHEN duplicate_object OR unique_violation THEN
    NULL;  -- another database of the same server made it at the same moment
END
$$;
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mcp_messenger_auditor') THEN
    GRANT SELECT ON audit_chains, audit_logs, audit_merkle_leaves, audit_merkle_nodes, audit_checkpoints,
                    audit_signing_keys TO mcp_messenger_auditor;
    BEGIN
      EXECUTE format('GRANT CONNECT ON DATABASE %I TO mcp_messenger_auditor', current_database());
      GRANT USAGE ON SCHEMA public TO mcp_messenger_auditor;
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE NOTICE 'database or schema belongs to another role: its rights are left as they are';
    END;
  END IF;
END
$$;
