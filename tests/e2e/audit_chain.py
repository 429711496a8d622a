# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""Checks the audit trail from its rows alone, by the rules in the contract, sharing no code with the server."""
import hashlib
import json

COLUMNS = """id::text, chain_id::text, seq, user_id::text, action, details::text, host(ip_address), user_agent,
             to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), hostname, process_id, request_id,
             session_id::text, outcome, severity, previous_log_hash, current_log_hash"""
NAMES = ("id", "chainId", "seq", "userId", "action", "details", "ipAddress", "userAgent", "timestamp", "hostname", "processId",
         "requestId", "sessionId", "outcome", "severity", "previousLogHash")


def canonical(value):
    """JSON after RFC 8785, for what an entry may hold: no floating-point numbers, keys sorted by UTF-16 code units."""
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(member)}" for name, member in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    assert not isinstance(value, float), f"a fraction in an audit entry: {value}"
    return json.dumps(value, ensure_ascii=False)


def entry_hash(fields):
    return hashlib.sha256(b"mcp-audit-v1\n" + canonical({**fields, "v": 1}).encode()).hexdigest()


def verify(cursor):
    """Raises at the first thing wrong with any chain; returns the number of entries of each action."""
    cursor.execute(f"SELECT {COLUMNS} FROM audit_logs ORDER BY chain_id, seq")
    heads = {}
    actions = {}
    for *values, current in cursor.fetchall():
        fields = dict(zip(NAMES, values))
        fields["details"] = json.loads(fields["details"]) if fields["details"] is not None else None
        chain, seq = fields["chainId"], fields["seq"]
        last_seq, last_hash = heads.get(chain, (0, "0" * 64))
        where = f"chain {chain} seq {seq} ({fields['action']})"
        assert seq == last_seq + 1, f"{where}: follows {last_seq}"
        assert fields["previousLogHash"] == last_hash, f"{where}: does not point at the entry before"
        assert current == entry_hash(fields), f"{where}: hash differs from its content {canonical(fields)}"
        assert seq > 1 or fields["action"] == "audit_chain_started", f"{where}: a chain begins otherwise"
        heads[chain] = (seq, current)
        actions[fields["action"]] = actions.get(fields["action"], 0) + 1
    cursor.execute("SELECT chain_id::text, last_seq, last_hash FROM audit_chains")
    stored = {chain: (seq, digest) for chain, seq, digest in cursor.fetchall() if seq > 0}
    assert stored == heads, f"audit_chains says {stored}, the entries say {heads}"
    assert heads, "there is no audit entry at all"
    return actions
