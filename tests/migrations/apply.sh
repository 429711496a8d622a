#!/usr/bin/env bash
# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#
# Applies migrations/ with psql, as the server's runner does: as the owner, one transaction a file, the token :serving_role
# replaced by a quoted identifier.
# usage: apply.sh DATABASE OWNER SERVING_ROLE      server: PGHOST, PGPORT
set -euo pipefail
database=$1 owner=$2 serving=$3
cd "$(dirname "$0")/../../migrations"
for file in [0-9]*.sql; do
  sed "s/:serving_role/\"$serving\"/g" "$file" |
    PGOPTIONS='-c client_min_messages=warning' psql -X -q -v ON_ERROR_STOP=1 -1 -d "$database" -U "$owner" -f - ||
    { echo "apply: $file failed" >&2; exit 1; }
done
