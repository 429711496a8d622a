-- Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
-- Permissions, built-in roles and the two channels every installation begins with. Fixed ids, so that installations can
-- be compared. No user and no password: `setup` makes the first administrator.

INSERT INTO permissions (id, name, description, category) VALUES
  ('00000000-0000-0000-0002-000000000001', 'user.create',    'create accounts', 'user'),
  ('00000000-0000-0000-0002-000000000002', 'user.read',      'see basic fields of accounts', 'user'),
  ('00000000-0000-0000-0002-000000000003', 'user.update',    'change names and e-mail of others', 'user'),
  ('00000000-0000-0000-0002-000000000004', 'user.delete',    'deactivate and delete accounts', 'user'),
  ('00000000-0000-0000-0002-000000000005', 'channel.create', 'create channels', 'channel'),
  ('00000000-0000-0000-0002-000000000006', 'channel.read',   'list public channels and own channels', 'channel'),
  ('00000000-0000-0000-0002-000000000007', 'channel.update', 'edit channels one is a member of', 'channel'),
  ('00000000-0000-0000-0002-000000000008', 'channel.delete', 'delete channels one administers', 'channel'),
  ('00000000-0000-0000-0002-000000000009', 'channel.invite', 'add others to channels one moderates', 'channel'),
  ('00000000-0000-0000-0002-000000000010', 'message.create', 'send as a member, open direct channels', 'message'),
  ('00000000-0000-0000-0002-000000000011', 'message.read',   'read as a member', 'message'),
  ('00000000-0000-0000-0002-000000000012', 'message.update', 'edit own messages', 'message'),
  ('00000000-0000-0000-0002-000000000013', 'message.delete', 'delete messages of others as a member', 'message'),
  ('00000000-0000-0000-0002-000000000014', 'message.flag',   'flag messages', 'message'),
  ('00000000-0000-0000-0002-000000000015', 'admin.logs',     'audit trail, system log, emergency-access list', 'admin'),
  ('00000000-0000-0000-0002-000000000016', 'admin.metrics',  'metrics', 'admin'),
  ('00000000-0000-0000-0002-000000000017', 'admin.users',    'full account data, roles of users, sessions, connections', 'admin'),
  ('00000000-0000-0000-0002-000000000018', 'admin.roles',    'role definitions', 'admin'),
  ('00000000-0000-0000-0002-000000000019', 'admin.system',   'settings, keys, backups, rate-limit blocks', 'admin'),
  ('00000000-0000-0000-0002-000000000020', 'channel.join',   'join public channels', 'channel'),
  ('00000000-0000-0000-0002-000000000021', 'admin.channels', 'metadata and members of all channels, announcements', 'admin'),
  ('00000000-0000-0000-0002-000000000022', 'admin.messages', 'emergency access, moderation outside membership', 'admin');

INSERT INTO roles (id, name, description, is_default, is_system) VALUES
  ('00000000-0000-0000-0001-000000000001', 'super_admin', 'everything; reads content outside membership only by emergency access', false, true),
  ('00000000-0000-0000-0001-000000000002', 'admin',       'accounts, channels, moderation and the audit trail', false, true),
  ('00000000-0000-0000-0001-000000000003', 'moderator',   'creates and moderates channels', false, true),
  ('00000000-0000-0000-0001-000000000004', 'user',        'reads and writes in channels', true, true),
  ('00000000-0000-0000-0001-000000000005', 'auditor',     'reads the audit trail, nothing else', false, true);

INSERT INTO role_permissions (role_id, permission_id)
SELECT r.id, p.id
  FROM (VALUES
    ('super_admin', ARRAY['user.create', 'user.read', 'user.update', 'user.delete',
                          'channel.create', 'channel.read', 'channel.update', 'channel.delete', 'channel.invite',
                          'message.create', 'message.read', 'message.update', 'message.delete', 'message.flag',
                          'admin.logs', 'admin.metrics', 'admin.users', 'admin.roles', 'admin.system',
                          'channel.join', 'admin.channels', 'admin.messages']),
    ('admin',       ARRAY['user.create', 'user.read', 'user.update', 'user.delete',
                          'channel.create', 'channel.read', 'channel.update', 'channel.delete', 'channel.invite',
                          'message.create', 'message.read', 'message.update', 'message.delete', 'message.flag',
                          'admin.logs', 'admin.metrics', 'admin.users',
                          'channel.join', 'admin.channels', 'admin.messages']),
    ('moderator',   ARRAY['user.read',
                          'channel.create', 'channel.read', 'channel.update', 'channel.invite',
                          'message.create', 'message.read', 'message.update', 'message.delete', 'message.flag',
                          'channel.join']),
    ('user',        ARRAY['user.read', 'channel.read', 'message.create', 'message.read', 'message.update', 'channel.join']),
    ('auditor',     ARRAY['admin.logs'])
  ) AS granted (role, permissions)
  JOIN roles r ON r.name = granted.role
  JOIN permissions p ON p.name = ANY (granted.permissions);

INSERT INTO channels (id, name, kind, is_private, metadata) VALUES
  ('00000000-0000-0000-0000-000000000001', 'General', 'public', false, '{}'),
  ('00000000-0000-0000-0000-000000000002', 'Announcements', 'public', false, '{"postingRole": "moderator"}');
