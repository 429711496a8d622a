# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""Protects secrecy at rest: markers sent as message text, token and password are in no heap file, WAL segment, log, metric or
audit entry afterwards, on success and on every kind of failure.

The search itself is tested: a name that is stored in clear on purpose must be found where the markers must not be.
"""
import asyncio
import base64
import json
import secrets

import pytest

import client


@pytest.fixture(scope="module")
def place(new_messenger, new_database):
    database = new_database()
    messenger = new_messenger(database.settings())
    messenger.set_up()
    yield messenger.start(), database
    messenger.close()


def forms_of(marker):
    """The marker as it is, and inside base64 at each of the three alignments, and as hex."""
    raw = marker.encode()
    yield raw
    yield raw.hex().encode()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        yield encoded[4 if shift else 0:len(encoded) - 4]


def files_with(marker, *folders):
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and any(form in path.read_bytes() for form in forms_of(marker)):
                found.append(str(path))
    return found


def test_no_marker_is_left_anywhere(place):
    server, database = place
    text, edge, metadata = (f"canary-{kind}-{secrets.token_hex(8)}" for kind in ("text", "refused", "metadata"))
    password, wrong = f"Canary-Pass-{secrets.token_hex(8)}", f"Canary-Wrong-{secrets.token_hex(8)}"
    visible = f"visible{secrets.token_hex(6)}"  # a user name, stored in clear on purpose
    server.create_user(visible, password)
    token = client.login(server, visible, password)

    async def talk():
        async with client.open_socket(server, token) as opened:
            await opened.join()
            ack = await opened.message(text, key="canary-1", metadata={"note": metadata})
            assert ack["type"] == "message_ack", ack
            assert (await opened.message(text + " again", key="canary-1"))["code"] == "CONFLICT"
            for refused in (edge + "\u0007", edge + "x" * 4001):
                assert (await opened.message(refused, key="canary-2"))["code"] == "VALIDATION_FAILED"
            for frame in (edge, json.dumps([edge]), json.dumps({"type": edge}), json.dumps({"type": "send_message", "text": edge})):
                await opened.connection.send(frame)
                assert (await opened.next_frame())["type"] in ("error", "new_message")
            # The ledger replays a batch whose commit fails; the database must not log what was in it.
            with database.connect() as cursor:
                cursor.execute("REVOKE INSERT ON messages FROM e2e_serving")
                assert (await opened.message(edge, key="canary-3"))["type"] == "error"
                cursor.execute("GRANT INSERT ON messages TO e2e_serving")
        async with client.open_socket(server) as stranger:
            await stranger.send(type="authenticate", token=token + edge)
            await stranger.closed()

    asyncio.run(talk())
    assert client.request(server, "POST", "/api/auth/login", {"username": visible, "password": wrong}).status == 401
    assert client.request(server, "POST", "/api/auth/login", {"username": edge, "password": wrong}).status in (400, 401)
    assert client.request(server, "POST", "/api/auth/login", {"username": visible, "password": password, edge: 1}).status == 400
    assert client.request(server, "GET", f"/api/nothing/{edge}?q={edge}", token=token).status == 404
    assert client.request(server, "POST", "/api/auth/reset-password", {"token": edge, "newPassword": wrong}).status == 400
    assert client.request(server, "POST", "/api/auth/change-password",
                          {"currentPassword": wrong, "newPassword": wrong + "1"}, token=token).status == 401
    assert any(message["text"] == text for message in client.history(server, token))
    metrics = client.request(server, "GET", "/metrics")
    assert metrics.status == 200 and "mcp_" in metrics.body

    with database.connect() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT row_to_json(a)::text FROM audit_logs a")
        audit = "\n".join(row for (row,) in cursor.fetchall())
    printed = "\n".join(server.output)
    assert "message_sent" in audit and printed

    heap = database.cluster.data / "base"
    assert files_with(visible, heap), "the search finds nothing: it would not find a marker either"
    for marker in (text, metadata, edge, password, wrong, token, token.rsplit(".", 1)[1]):
        assert files_with(marker, database.cluster.folder, server.home) == []
        for place_name, content in (("audit", audit), ("output", printed), ("metrics", metrics.body)):
            assert not any(form.decode() in content for form in forms_of(marker)), f"{marker} is in {place_name}"
    assert visible not in metrics.body, "names are no labels of metrics"
