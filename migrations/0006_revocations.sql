-- Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
-- Tells running servers within a second what a change by any path, a manual UPDATE included, takes away from somebody.
--
-- Each change that matters appends a row here and, at COMMIT, notifies channel mcp_revocation with
--   {"id":7,"kind":"session","userId":"...","sessionId":"...","channelId":"...","roleId":"..."}   members without value left out
-- The row is what counts: a server that missed a notification finds it by polling. Notifying serialises commits on one
-- lock of the whole server, so nothing that happens with every message (last_seq, last_rev, last_activity, last_used_at)
-- may do it.

CREATE TABLE revocations (
  id          BIGSERIAL PRIMARY KEY,
  at          TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  kind        TEXT NOT NULL CONSTRAINT revocations_kind_check
              CHECK (kind IN ('session', 'user', 'channel_member', 'channel', 'role', 'emergency_access')),
  user_id     UUID,  -- no foreign keys: the subject may be gone
  session_id  UUID,
  channel_id  UUID,
  role_id     UUID
);
GRANT SELECT, INSERT, UPDATE, DELETE ON revocations TO :serving_role;
GRANT USAGE, SELECT ON SEQUENCE revocations_id_seq TO :serving_role;

-- Arguments: the kind, then the columns that hold user, session, channel and role; '' where there is none. Runs as the
-- owner: whoever may change the watched table need not be able to write here.
CREATE FUNCTION record_revocation() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  subject      JSONB;
  revocation   BIGINT;
BEGIN
  IF TG_OP = 'DELETE' THEN
    subject := to_jsonb(OLD);
  ELSE
    subject := to_jsonb(NEW);
  END IF;
  INSERT INTO public.revocations (kind, user_id, session_id, channel_id, role_id)
  VALUES (TG_ARGV[0], (subject ->> TG_ARGV[1])::uuid, (subject ->> TG_ARGV[2])::uuid, (subject ->> TG_ARGV[3])::uuid,
          (subject ->> TG_ARGV[4])::uuid)
  RETURNING id INTO revocation;
  PERFORM pg_notify('mcp_revocation', json_strip_nulls(json_build_object(
    'id', revocation, 'kind', TG_ARGV[0], 'userId', subject ->> TG_ARGV[1], 'sessionId', subject ->> TG_ARGV[2],
    'channelId', subject ->> TG_ARGV[3], 'roleId', subject ->> TG_ARGV[4]))::text);
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION record_revocation() FROM PUBLIC;

CREATE TRIGGER sessions_revoked AFTER UPDATE OF is_valid, expires_at, token_hash ON sessions
  FOR EACH ROW WHEN ((OLD.is_valid, OLD.expires_at, OLD.token_hash) IS DISTINCT FROM (NEW.is_valid, NEW.expires_at, NEW.token_hash))
  EXECUTE FUNCTION record_revocation('session', 'user_id', 'id', '', '');
CREATE TRIGGER sessions_deleted AFTER DELETE ON sessions
  FOR EACH ROW EXECUTE FUNCTION record_revocation('session', 'user_id', 'id', '', '');

CREATE TRIGGER users_revoked AFTER UPDATE OF status, role_id, force_password_change ON users
  FOR EACH ROW WHEN ((OLD.status, OLD.role_id, OLD.force_password_change)
                     IS DISTINCT FROM (NEW.status, NEW.role_id, NEW.force_password_change))
  EXECUTE FUNCTION record_revocation('user', 'id', '', '', 'role_id');

CREATE TRIGGER channel_members_revoked AFTER UPDATE ON channel_members
  FOR EACH ROW WHEN (OLD.role IS DISTINCT FROM NEW.role)
  EXECUTE FUNCTION record_revocation('channel_member', 'user_id', '', 'channel_id', '');
CREATE TRIGGER channel_members_added_or_removed AFTER INSERT OR DELETE ON channel_members
  FOR EACH ROW EXECUTE FUNCTION record_revocation('channel_member', 'user_id', '', 'channel_id', '');

CREATE TRIGGER channels_revoked AFTER UPDATE OF archived, is_private, kind ON channels
  FOR EACH ROW WHEN ((OLD.archived, OLD.is_private, OLD.kind) IS DISTINCT FROM (NEW.archived, NEW.is_private, NEW.kind))
  EXECUTE FUNCTION record_revocation('channel', '', '', 'id', '');
CREATE TRIGGER channels_deleted AFTER DELETE ON channels
  FOR EACH ROW EXECUTE FUNCTION record_revocation('channel', '', '', 'id', '');

CREATE TRIGGER roles_revoked AFTER UPDATE ON roles
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
  EXECUTE FUNCTION record_revocation('role', '', '', '', 'id');
CREATE TRIGGER roles_added_or_removed AFTER INSERT OR DELETE ON roles
  FOR EACH ROW EXECUTE FUNCTION record_revocation('role', '', '', '', 'id');
CREATE TRIGGER role_permissions_revoked AFTER UPDATE ON role_permissions
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
  EXECUTE FUNCTION record_revocation('role', '', '', '', 'role_id');
CREATE TRIGGER role_permissions_added_or_removed AFTER INSERT OR DELETE ON role_permissions
  FOR EACH ROW EXECUTE FUNCTION record_revocation('role', '', '', '', 'role_id');

CREATE TRIGGER emergency_access_revoked AFTER UPDATE ON emergency_access
  FOR EACH ROW WHEN ((OLD.expires_at, OLD.ended_at) IS DISTINCT FROM (NEW.expires_at, NEW.ended_at))
  EXECUTE FUNCTION record_revocation('emergency_access', 'user_id', '', 'channel_id', '');
CREATE TRIGGER emergency_access_added_or_removed AFTER INSERT OR DELETE ON emergency_access
  FOR EACH ROW EXECUTE FUNCTION record_revocation('emergency_access', 'user_id', '', 'channel_id', '');
