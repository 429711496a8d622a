# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""Protects the record: an act and its audit entry are one transaction, and a changed entry shows."""
import asyncio

import psycopg2
import pytest

import audit_chain
import client


@pytest.fixture(scope="module")
def place(new_messenger, new_database):
    database = new_database()
    messenger = new_messenger(database.settings())
    messenger.set_up()
    yield messenger.start(), database
    messenger.close()


@pytest.fixture(scope="module")
def amara(place, new_account):
    return new_account(place[0], "amara")


def count(cursor, table):
    cursor.execute(f"SELECT count(*) FROM {table}")
    return cursor.fetchone()[0]


def test_without_its_audit_entry_nothing_happens(place, amara):
    """The right to write audit entries is taken away: sending, reading and logging in are refused, and leave no trace."""
    server, database = place

    async def talk():
        async with client.open_socket(server, amara.token) as opened:
            await opened.join()
            assert (await opened.message("audited", key="a-1"))["type"] == "message_ack"
            with database.connect() as cursor:
                messages, sessions = count(cursor, "messages"), count(cursor, "sessions")
                cursor.execute("REVOKE INSERT ON audit_logs FROM e2e_serving")
                try:
                    refused = await opened.message("not audited", key="a-2")
                    assert (refused["type"], refused["code"]) == ("error", "UNAVAILABLE"), refused
                    assert count(cursor, "messages") == messages
                    answers = [await asyncio.to_thread(client.request, server, "GET",
                                                       f"/api/messages?channelId={client.GENERAL}", None, amara.token),
                               await asyncio.to_thread(client.request, server, "POST", "/api/auth/login",
                                                       {"username": amara.name, "password": amara.password})]
                    assert [(a.status, a.json()["code"]) for a in answers] == [(503, "UNAVAILABLE")] * 2
                    assert "audited" not in answers[0].body
                    assert count(cursor, "sessions") == sessions
                    ready = await asyncio.to_thread(client.request, server, "GET", "/ready")
                    assert ready.status == 503 and ready.json()["checks"]["auditWriter"] == "fail"
                finally:
                    cursor.execute("GRANT INSERT ON audit_logs TO e2e_serving")
                ack = await opened.message("not audited", key="a-2")
                assert ack["type"] == "message_ack", ack
                assert count(cursor, "messages") == messages + 1
                actions = audit_chain.verify(cursor)
                assert actions["message_sent"] == messages + 1

    asyncio.run(talk())


def test_every_act_of_a_conversation_is_in_the_record(place, amara, new_account):
    server, database = place
    ben = new_account(server, "ben")

    async def talk():
        async with client.open_socket(server, ben.token) as opened:
            await opened.join()
            await opened.message("for the record", key="r-1")
            await opened.ask(type="leave_channel", channelId=client.GENERAL, requestId="l")
        async with client.open_socket(server, ben.token) as opened:
            assert (await opened.ask(type="send_message", channelId=client.GENERAL, text="x", requestId="s"))["type"] == "error"

    asyncio.run(talk())
    assert client.request(server, "POST", "/api/auth/login", {"username": "ben", "password": "Wrong-Password-1"}).status == 401
    client.history(server, amara.token)
    with database.connect() as cursor:
        actions = audit_chain.verify(cursor)
        cursor.execute("""SELECT details::text, host(ip_address), outcome FROM audit_logs WHERE action = 'phi_access'
                          AND details->>'via' = 'fetch' ORDER BY timestamp DESC LIMIT 1""")
        details, address, outcome = cursor.fetchone()
    for action in ("server_started", "user_created", "login_success", "authentication_failure", "websocket_connected",
                   "channel_joined", "channel_left", "message_sent", "phi_access"):
        assert actions.get(action), f"{action} is missing: {actions}"
    assert f'"{client.GENERAL}"' in details and '"count"' in details
    assert (address, outcome) == ("127.0.0.1", "success")


TAMPERING = {
    "another word in details": "UPDATE audit_logs SET details = details || '{\"seq\": 7000}' WHERE id = %s",
    "another time": "UPDATE audit_logs SET timestamp = timestamp + interval '1 ms' WHERE id = %s",
    "another person": "UPDATE audit_logs SET user_id = NULL WHERE id = %s",
    "another address": "UPDATE audit_logs SET ip_address = '10.0.0.1' WHERE id = %s",
    "another outcome": "UPDATE audit_logs SET outcome = 'denied' WHERE id = %s",
    "removed": "DELETE FROM audit_logs WHERE id = %s",
}


@pytest.mark.parametrize("change", TAMPERING.values(), ids=TAMPERING.keys())
def test_a_changed_entry_shows(place, amara, change):
    """Somebody with all rights switches the triggers off and rewrites one entry in the middle; the verifier finds it."""
    _, database = place
    with database.connect() as cursor:
        cursor.connection.autocommit = False
        try:
            cursor.execute("ALTER TABLE audit_logs DISABLE TRIGGER ALL")
            cursor.execute("SELECT id FROM audit_logs WHERE action = 'message_sent' ORDER BY seq LIMIT 1")
            cursor.execute(change, cursor.fetchone())
            assert cursor.rowcount == 1
            with pytest.raises(AssertionError):
                audit_chain.verify(cursor)
        finally:
            cursor.connection.rollback()
            cursor.connection.autocommit = True
        audit_chain.verify(cursor)


@pytest.mark.parametrize("act", ["UPDATE audit_logs SET outcome = 'denied'", "DELETE FROM audit_logs", "TRUNCATE audit_logs",
                                 "ALTER TABLE audit_logs DISABLE TRIGGER ALL", "UPDATE messages SET text = 'clear'",
                                 "CREATE TABLE mine (x int)"])
@pytest.mark.parametrize("role", ["e2e_serving", "e2e_owner"])
def test_the_database_refuses_what_no_role_may(place, amara, act, role):
    """The serving role has no right at all; the owner, who could switch triggers off, is stopped by them otherwise."""
    if role == "e2e_owner" and act.startswith(("ALTER", "CREATE")):
        return  # an owner owns
    _, database = place
    with database.connect() as cursor:
        cursor.execute(f"SET ROLE {role}")
        with pytest.raises(psycopg2.Error):
            cursor.execute(act)
