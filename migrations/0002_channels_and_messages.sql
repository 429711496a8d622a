-- Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
-- Data keys, channels, messages and what belongs to them.
--
-- Indexes on messages are few on purpose: each one is paid by every message.

-- Keys never lie in clear beside the data: wrapped by a root key that the database never sees.
CREATE TABLE encryption_keys (
  key_id        UUID PRIMARY KEY,
  purpose       TEXT NOT NULL CONSTRAINT encryption_keys_purpose_check
                CHECK (purpose IN ('message', 'metadata', 'mac', 'backup')),
  state         TEXT NOT NULL CONSTRAINT encryption_keys_state_check CHECK (state IN ('active', 'decrypt_only', 'retired')),
  wrapped_key   BYTEA,  -- destroyed when retired
  wrap_iv       BYTEA NOT NULL CONSTRAINT encryption_keys_wrap_iv_check CHECK (length(wrap_iv) = 12),
  wrap_tag      BYTEA NOT NULL CONSTRAINT encryption_keys_wrap_tag_check CHECK (length(wrap_tag) = 16),
  root_id       TEXT NOT NULL,  -- fingerprint of the root key
  created_at    TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  activated_at  TIMESTAMPTZ(3),
  retired_at    TIMESTAMPTZ(3),
  uses          BIGINT NOT NULL DEFAULT 0,
  CONSTRAINT encryption_keys_retired_check CHECK ((state = 'retired') = (wrapped_key IS NULL))
);
CREATE UNIQUE INDEX encryption_keys_one_active ON encryption_keys (purpose) WHERE state = 'active';

CREATE TABLE channels (
  id             UUID PRIMARY KEY,
  name           VARCHAR(100) NOT NULL,  -- of a direct channel: its direct_key
  description    TEXT,                   -- ciphertext
  kind           TEXT NOT NULL DEFAULT 'public'
                 CONSTRAINT channels_kind_check CHECK (kind IN ('public', 'private', 'direct')),
  is_private     BOOLEAN NOT NULL DEFAULT false,
  direct_key     TEXT CONSTRAINT channels_direct_key_key UNIQUE,  -- both user ids, sorted, joined by ':'
  created_by     UUID REFERENCES users (id),
  created_at     TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  updated_at     TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  last_activity  TIMESTAMPTZ(3),
  archived       BOOLEAN NOT NULL DEFAULT false,
  metadata       JSONB NOT NULL DEFAULT '{}' CONSTRAINT channels_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
  last_seq       BIGINT NOT NULL DEFAULT 0,  -- counts messages
  last_rev       BIGINT NOT NULL DEFAULT 0,  -- counts all changes
  version        INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT channels_is_private_check CHECK (is_private = (kind <> 'public')),
  CONSTRAINT channels_direct_check CHECK ((kind = 'direct') = (direct_key IS NOT NULL))
) WITH (fillfactor = 50);  -- the counters change with every message: half-empty pages keep those updates HOT
-- Public names only: a clash must not betray the name of a private channel.
CREATE UNIQUE INDEX channels_public_name_key ON channels (lower(name)) WHERE kind = 'public' AND NOT archived;

CREATE TABLE channel_members (
  channel_id     UUID NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
  user_id        UUID NOT NULL REFERENCES users (id),
  role           VARCHAR(20) NOT NULL DEFAULT 'member'
                 CONSTRAINT channel_members_role_check CHECK (role IN ('member', 'moderator', 'admin')),
  joined_at      TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  joined_seq     BIGINT NOT NULL DEFAULT 0,  -- last seq before joining
  last_read_at   TIMESTAMPTZ(3),
  last_read_seq  BIGINT NOT NULL DEFAULT 0,
  added_by       UUID REFERENCES users (id),
  PRIMARY KEY (channel_id, user_id)
);
CREATE INDEX channel_members_user_id ON channel_members (user_id);

CREATE TABLE messages (
  id                 UUID PRIMARY KEY,
  channel_id         UUID NOT NULL CONSTRAINT messages_channel_id_fkey REFERENCES channels (id),
  sender_id          UUID NOT NULL CONSTRAINT messages_sender_id_fkey REFERENCES users (id),
  seq                BIGINT NOT NULL,
  rev                BIGINT NOT NULL,          -- number of the channel's change that gave this state
  created_rev        BIGINT NOT NULL,
  version            INTEGER NOT NULL DEFAULT 1,
  text               TEXT CONSTRAINT messages_text_check CHECK (text IS NULL),  -- clear text cannot be stored, not even by mistake
  encrypted_text     BYTEA,
  key_id             UUID CONSTRAINT messages_key_id_fkey REFERENCES encryption_keys (key_id),
  metadata           JSONB,                    -- ciphertext
  timestamp          TIMESTAMPTZ(3) NOT NULL,
  edited_at          TIMESTAMPTZ(3),
  contains_phi       BOOLEAN NOT NULL DEFAULT false,
  deleted            BOOLEAN NOT NULL DEFAULT false,
  deleted_at         TIMESTAMPTZ(3),
  deleted_by         UUID REFERENCES users (id),
  flagged            BOOLEAN NOT NULL DEFAULT false,
  flag_reason        TEXT CONSTRAINT messages_flag_reason_check
                     CHECK (flag_reason IN ('inappropriate', 'harassment', 'spam', 'phi', 'other')),
  flag_details       TEXT,                     -- ciphertext
  flagged_by         UUID REFERENCES users (id),
  flagged_at         TIMESTAMPTZ(3),
  client_message_id  VARCHAR(64),
  client_body_mac    BYTEA,
  CONSTRAINT messages_channel_id_seq_key UNIQUE (channel_id, seq),
  CONSTRAINT messages_encrypted_text_check CHECK (encrypted_text IS NOT NULL OR deleted),
  CONSTRAINT messages_key_id_check CHECK (encrypted_text IS NULL OR key_id IS NOT NULL),
  CONSTRAINT messages_client_body_mac_check CHECK ((client_message_id IS NULL) = (client_body_mac IS NULL))
);
CREATE UNIQUE INDEX messages_client_message_id_key ON messages (channel_id, sender_id, client_message_id)
  WHERE client_message_id IS NOT NULL;
CREATE INDEX messages_channel_id_rev ON messages (channel_id, rev);
CREATE INDEX messages_flagged_at ON messages (flagged_at) WHERE flagged;

CREATE TABLE message_reactions (
  id          UUID PRIMARY KEY,
  message_id  UUID NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  user_id     UUID NOT NULL REFERENCES users (id),
  reaction    VARCHAR(20) NOT NULL,
  created_at  TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  CONSTRAINT message_reactions_once_key UNIQUE (message_id, user_id, reaction)
);

-- Earlier ciphertext of edited messages, and the last one of deleted messages.
CREATE TABLE message_versions (
  message_id      UUID NOT NULL REFERENCES messages (id),
  version         INTEGER NOT NULL,
  encrypted_text  BYTEA NOT NULL,
  key_id          UUID NOT NULL REFERENCES encryption_keys (key_id),
  contains_phi    BOOLEAN NOT NULL,
  replaced_at     TIMESTAMPTZ(3) NOT NULL,
  replaced_by     UUID NOT NULL REFERENCES users (id),
  PRIMARY KEY (message_id, version)
);

-- Who has read up to where, since when. Only ever added to.
CREATE TABLE read_positions (
  channel_id  UUID NOT NULL REFERENCES channels (id),
  user_id     UUID NOT NULL REFERENCES users (id),
  seq         BIGINT NOT NULL,
  message_id  UUID NOT NULL REFERENCES messages (id),
  read_at     TIMESTAMPTZ(3) NOT NULL,
  PRIMARY KEY (channel_id, user_id, seq)
);
CREATE INDEX read_positions_channel_id_seq ON read_positions (channel_id, seq);

-- A settled flag leaves the message row; this is its record.
CREATE TABLE moderation_decisions (
  id            UUID PRIMARY KEY,
  message_id    UUID NOT NULL REFERENCES messages (id),
  flagged_by    UUID REFERENCES users (id),
  flagged_at    TIMESTAMPTZ(3) NOT NULL,
  flag_reason   TEXT NOT NULL,
  flag_details  TEXT,  -- ciphertext
  decision      TEXT NOT NULL CONSTRAINT moderation_decisions_decision_check CHECK (decision IN ('dismiss', 'delete')),
  reason        TEXT NOT NULL,
  decided_by    UUID NOT NULL REFERENCES users (id),
  decided_at    TIMESTAMPTZ(3) NOT NULL
);

-- Content access outside membership: who, where, why, how long.
CREATE TABLE emergency_access (
  id          UUID PRIMARY KEY,
  user_id     UUID NOT NULL REFERENCES users (id),
  channel_id  UUID NOT NULL REFERENCES channels (id),
  message_id  UUID REFERENCES messages (id),  -- narrows the grant to one message
  reason      TEXT NOT NULL,
  created_at  TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  expires_at  TIMESTAMPTZ(3) NOT NULL,
  ended_at    TIMESTAMPTZ(3),
  reads       INTEGER NOT NULL DEFAULT 0
);

-- Not on the counters: they change with every message and would make each of those updates pay for a trigger.
CREATE TRIGGER channels_updated_at BEFORE UPDATE OF name, description, kind, archived, metadata, version ON channels
  FOR EACH ROW WHEN ((OLD.name, OLD.description, OLD.kind, OLD.archived, OLD.metadata, OLD.version)
                     IS DISTINCT FROM (NEW.name, NEW.description, NEW.kind, NEW.archived, NEW.metadata, NEW.version))
  EXECUTE FUNCTION set_updated_at();

-- Removes what has outlived its term from the tables the serving role may only add to. The term is at least six years
-- (the documentation period of 45 CFR 164.316), more when the run-time setting says so, and endless when that says 0.
--   kind      'message_versions' or 'read_positions'
--   before    rows older than this go; must lie outside the term
--   rows_max  at most so many rows a call, so that each transaction stays short
--   returns   rows removed
CREATE FUNCTION purge_expired(kind TEXT, before TIMESTAMPTZ, rows_max INTEGER) RETURNS BIGINT
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  term_days  INTEGER := 2192;
  set_days   INTEGER;
  removed    BIGINT;
BEGIN
  SELECT (value #>> '{}')::integer INTO set_days FROM public.settings WHERE key = 'messageRetentionDays';
  IF set_days = 0 THEN
    RAISE EXCEPTION 'messages are kept for ever' USING ERRCODE = 'insufficient_privilege';
  END IF;
  term_days := greatest(term_days, set_days);
  IF before IS NULL OR before > now() - make_interval(days => term_days) THEN
    RAISE EXCEPTION 'rows younger than % days are not removed', term_days USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF rows_max IS NULL OR rows_max < 1 THEN
    RAISE EXCEPTION 'rows_max must be at least 1' USING ERRCODE = 'invalid_parameter_value';
  END IF;

  IF kind = 'message_versions' THEN
    DELETE FROM public.message_versions
     WHERE ctid IN (SELECT v.ctid FROM public.message_versions v WHERE v.replaced_at < before LIMIT rows_max);
  ELSIF kind = 'read_positions' THEN
    DELETE FROM public.read_positions
     WHERE ctid IN (SELECT p.ctid FROM public.read_positions p WHERE p.read_at < before LIMIT rows_max);
  ELSE
    RAISE EXCEPTION 'nothing of this kind is purged here' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$$;
REVOKE ALL ON FUNCTION purge_expired(TEXT, TIMESTAMPTZ, INTEGER) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION purge_expired(TEXT, TIMESTAMPTZ, INTEGER) TO :serving_role;

GRANT SELECT, INSERT, UPDATE, DELETE
  ON encryption_keys, channels, channel_members, messages, message_reactions, moderation_decisions, emergency_access
  TO :serving_role;
GRANT SELECT, INSERT ON message_versions, read_positions TO :serving_role;
GRANT UPDATE (key_id, encrypted_text) ON message_versions TO :serving_role;  -- re-encryption under a newer key
