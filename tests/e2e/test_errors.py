# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""Protects the forms of refusal that clients decide by: codes, shapes, close codes, and that none of them tells too much."""
import asyncio
import json

import pytest
import websockets

import client

UNKNOWN = "11111111-2222-3333-4444-555555555555"


def socket_error(frame):
    assert frame["type"] == "error", frame
    assert set(frame) <= {"type", "error", "code", "requestId", "errors", "retryAfterMs", "timestamp"}
    assert frame["error"] and frame["timestamp"]
    return frame["code"]


FRAMES = [
    ("no JSON at all", "hello", "BAD_REQUEST"),
    ("not an object", "[1,2]", "BAD_REQUEST"),
    ("no type", '{"requestId":"x"}', "BAD_REQUEST"),
    ("a key twice", '{"type":"ping","type":"ping"}', "BAD_REQUEST"),
    ("too deep", '{"type":"ping","x":' + "[" * 17 + "]" * 17 + "}", "BAD_REQUEST"),
    ("unknown type", '{"type":"fly"}', "UNKNOWN_TYPE"),
    ("no channel", '{"type":"join_channel"}', "VALIDATION_FAILED"),
    ("channel is no id", '{"type":"join_channel","channelId":"General"}', "VALIDATION_FAILED"),
    ("unknown channel", f'{{"type":"join_channel","channelId":"{UNKNOWN}"}}', "NOT_FOUND"),
    ("send to unknown channel", f'{{"type":"send_message","channelId":"{UNKNOWN}","text":"x"}}', "NOT_FOUND"),
    ("blank text", f'{{"type":"send_message","channelId":"{client.GENERAL}","text":" \\n "}}', "VALIDATION_FAILED"),
    ("no text", f'{{"type":"send_message","channelId":"{client.GENERAL}"}}', "VALIDATION_FAILED"),
    ("text of another type", f'{{"type":"send_message","channelId":"{client.GENERAL}","text":7}}', "VALIDATION_FAILED"),
    ("text with a control character", f'{{"type":"send_message","channelId":"{client.GENERAL}","text":"a\\u0007"}}',
     "VALIDATION_FAILED"),
    ("text too long", f'{{"type":"send_message","channelId":"{client.GENERAL}","text":"{"x" * 4001}"}}', "VALIDATION_FAILED"),
    ("bad idempotency key",
     f'{{"type":"send_message","channelId":"{client.GENERAL}","text":"x","clientMessageId":"a b"}}', "VALIDATION_FAILED"),
    ("metadata too large", json.dumps({"type": "send_message", "channelId": client.GENERAL, "text": "x",
                                       "metadata": {"k": "v" * 4096}}), "VALIDATION_FAILED"),
]


@pytest.mark.parametrize("frame,code", [pytest.param(frame, code, id=name) for name, frame, code in FRAMES])
def test_a_bad_frame_gets_its_code_and_the_socket_lives_on(server, amara, frame, code):
    async def talk():
        async with client.open_socket(server, amara.token) as opened:
            await opened.join()
            await opened.connection.send(frame)
            assert socket_error(await opened.next_frame()) == code
            await opened.send(type="heartbeat", requestId="alive")
            assert (await opened.receive(requestId="alive"))["type"] == "pong"

    asyncio.run(talk())


def test_an_error_names_the_field_and_echoes_the_request(server, amara):
    async def talk():
        async with client.open_socket(server, amara.token) as opened:
            frame = await opened.ask(type="join_channel", channelId="General", requestId="q.1:2-3")
            assert socket_error(frame) == "VALIDATION_FAILED" and frame["requestId"] == "q.1:2-3"
            assert [(e["field"], e["code"]) for e in frame["errors"]] == [("channelId", "format")]

    asyncio.run(talk())


def test_unknown_fields_of_a_frame_are_ignored(server, amara):
    async def talk():
        async with client.open_socket(server, amara.token) as opened:
            await opened.join()
            assert (await opened.message("with extras", key="extras", colour="red"))["type"] == "message_ack"

    asyncio.run(talk())


def test_nothing_works_before_authentication(server):
    async def talk():
        async with client.open_socket(server) as opened:
            await opened.send(type="ping")
            assert (await opened.next_frame())["type"] == "pong"
            for attempt in range(9):
                await opened.send(type="join_channel", channelId=client.GENERAL, requestId=str(attempt))
                assert socket_error(await opened.next_frame()) == "AUTH_REQUIRED"
            await opened.send(type="join_channel", channelId=client.GENERAL)
            code, _ = await opened.closed()
            assert code == 1008

    asyncio.run(talk())


def test_a_wrong_token_is_refused_and_the_socket_closed(server, amara):
    head, claims, signature = amara.token.split(".")
    forged = [
        "x", "a.b.c", f"{head}.{claims}.", f"{head}.{claims}.{signature[:-4]}AAAA", amara.token + "x",
        # {"alg":"none","typ":"JWT"}
        f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.", f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.{signature}",
    ]

    async def try_token(token):
        async with client.open_socket(server) as opened:
            answer = await opened.authenticate(token)
            assert answer["success"] is False and answer["code"] in ("TOKEN_INVALID", "VALIDATION_FAILED"), (token, answer)
            assert (await opened.closed())[0] == 1008

    async def try_all():
        for token in forged:
            await try_token(token)

    asyncio.run(try_all())


def test_a_socket_that_stays_silent_is_closed(server):
    async def talk():
        async with client.open_socket(server) as opened:
            assert await opened.closed() == (1008, "authentication timeout")

    asyncio.run(talk())


@pytest.mark.parametrize("payload,code", [
    pytest.param(b"binary", 1003, id="binary frame"),
    pytest.param("x" * (64 * 1024 + 1), 1009, id="frame too large"),
])
def test_a_frame_of_the_wrong_kind_closes_the_socket(server, amara, payload, code):
    async def talk():
        async with client.open_socket(server, amara.token) as opened:
            await opened.connection.send(payload)
            assert (await opened.closed())[0] == code

    asyncio.run(talk())


def upgrade_status(server, path="", **keywords):
    async def connect():
        async with websockets.connect(server.socket_address().rstrip("/") + path, ping_interval=None, **keywords):
            return 101

    try:
        return asyncio.run(connect())
    except websockets.InvalidStatusCode as refused:
        return refused.status_code


def test_upgrades_are_refused_before_they_become_sockets(server):
    assert upgrade_status(server, "/") == 101
    assert upgrade_status(server, "/ws") == 101
    assert upgrade_status(server, "/elsewhere") == 404
    assert upgrade_status(server, "/?token=abc") == 400
    assert upgrade_status(server, "/?access_token=abc") == 400
    assert upgrade_status(server, "/", origin="https://evil.example") == 403
    assert upgrade_status(server, "/", origin="null") == 403
    assert upgrade_status(server, "/", origin=f"http://127.0.0.1:{server.port}") == 101


def test_no_extension_and_no_subprotocol_is_agreed(server):
    async def talk():
        async with websockets.connect(server.socket_address(), compression="deflate") as connection:
            assert connection.extensions == []
            assert connection.subprotocol is None

    asyncio.run(talk())


def problem(answer, status, code):
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    body = answer.json()
    assert body["code"] == code and body["status"] == status and body["type"] == f"/api/docs#{code}"
    assert body["title"] and body["requestId"] == answer.headers["X-Request-Id"]
    assert set(body) <= {"type", "title", "status", "detail", "code", "requestId", "errors"}
    return body


def test_rest_errors_are_problem_documents(server, amara):
    login = "/api/auth/login"
    problem(client.request(server, "GET", "/api/users/me"), 401, "AUTH_REQUIRED")
    refused = client.request(server, "GET", "/api/users/me", token="x.y.z")
    problem(refused, 401, "TOKEN_INVALID")
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="mcp-messenger"'
    problem(client.request(server, "GET", "/api/nothing", token=amara.token), 404, "NOT_FOUND")
    wrong_method = client.request(server, "DELETE", login)
    problem(wrong_method, 405, "METHOD_NOT_ALLOWED")
    assert "POST" in wrong_method.headers["Allow"]
    problem(client.request(server, "POST", login, '{"username":"x"', headers={"Content-Type": "application/json"}), 400, "BAD_REQUEST")
    problem(client.request(server, "POST", login, "username: x", headers={"Content-Type": "text/yaml"}), 415, "UNSUPPORTED_MEDIA_TYPE")
    unknown = problem(client.request(server, "POST", login, {"username": "x", "password": "y", "role": "admin"}), 400,
                      "VALIDATION_FAILED")
    assert ("role", "unknown_field") in [(error["field"], error["code"]) for error in unknown["errors"]]
    missing = problem(client.request(server, "POST", login, {"username": "amara"}), 400, "VALIDATION_FAILED")
    assert ("password", "required") in [(error["field"], error["code"]) for error in missing["errors"]]
    problem(client.request(server, "GET", "/api/messages?channelId=General", token=amara.token), 400, "VALIDATION_FAILED")
    problem(client.request(server, "GET", f"/api/messages?channelId={UNKNOWN}", token=amara.token), 404, "NOT_FOUND")


def test_a_wrong_password_and_an_unknown_name_look_the_same(server, new_account):
    carla = new_account(server, "carla")
    bodies = []
    for name in (carla.name, "nobody-of-that-name"):
        body = problem(client.request(server, "POST", "/api/auth/login", {"username": name, "password": "Wrong-Password-1"}),
                       401, "INVALID_CREDENTIALS")
        bodies.append({key: value for key, value in body.items() if key != "requestId"})
    assert bodies[0] == bodies[1]


def test_an_account_is_locked_after_five_wrong_passwords(server, new_account):
    """From a network the account has never logged in from, or a known one: this one is known, its own counter locks."""
    dora = new_account(server, "dora")
    for _ in range(5):
        assert client.request(server, "POST", "/api/auth/login",
                              {"username": dora.name, "password": "Wrong-Password-1"}).status == 401
    locked = client.request(server, "POST", "/api/auth/login", {"username": dora.name, "password": dora.password})
    problem(locked, 401, "INVALID_CREDENTIALS")


def test_a_request_id_of_the_client_is_echoed_when_it_is_harmless(server):
    assert client.request(server, "GET", "/health", headers={"X-Request-Id": "ward-7.request_1"}).headers["X-Request-Id"] == "ward-7.request_1"
    assert client.request(server, "GET", "/health", headers={"X-Request-Id": "a b"}).headers["X-Request-Id"] != "a b"
