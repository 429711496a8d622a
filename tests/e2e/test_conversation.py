# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""Protects the path everything else stands on: two people log in, join, and a message of one reaches the other.

The same conversation is held in development over ws with a private cluster, and in production over wss with an external
database and default limits.
"""
import asyncio
import re

import pytest

import client

UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


class Place:
    def __init__(self, server, first, second):
        self.server, self.first, self.second = server, first, second


@pytest.fixture(scope="module", params=["development", "production"])
def place(request, new_account):
    if request.param == "development":
        return Place(request.getfixturevalue("server"), request.getfixturevalue("amara"), request.getfixturevalue("ben"))
    server = request.getfixturevalue("production").server
    return Place(server, new_account(server, "amara"), new_account(server, "ben"))


def test_login_answers_the_token_and_the_account(place):
    answer = client.request(place.server, "POST", "/api/auth/login",
                            {"username": place.first.name, "password": place.first.password})
    assert answer.status == 200
    body = answer.json()
    assert set(body) == {"token", "expiresAt", "user", "passwordChangeRequired"}
    assert body["passwordChangeRequired"] is False and TIME.match(body["expiresAt"])
    assert body["user"]["username"] == place.first.name and body["user"]["role"] == "user"
    assert "message.create" in body["user"]["permissions"]
    assert not {"passwordHash", "password_hash", "salt", "twoFactorSecret"} & set(body["user"])

    me = client.request(place.server, "GET", "/api/users/me", token=body["token"])
    assert me.status == 200 and me.json()["id"] == body["user"]["id"]
    assert me.json()["session"]["current"] is True
    assert me.headers["Cache-Control"] == "no-store" and me.headers["X-Content-Type-Options"] == "nosniff"
    assert ("Strict-Transport-Security" in me.headers) == place.server.secure


def test_a_message_reaches_the_other_after_its_acknowledgement(place):
    async def talk():
        async with client.open_socket(place.server, place.first.token) as first, \
                client.open_socket(place.server, place.second.token) as second:
            joined = await first.join()
            assert joined["liveFrom"] == joined["headSeq"] + 1 and joined["resume"] == {"status": "none"}
            assert joined["role"] == "member" and joined["auto"] is False
            await second.join()

            await first.send(type="send_message", channelId=client.GENERAL, text="Bett 4 ist frei \u2713", containsPHI=False,
                             clientMessageId="talk-1", requestId="r1")
            own = await first.receive(type="new_message")
            assert own["data"]["clientMessageId"] == "talk-1"
            assert any(frame["type"] == "message_ack" for frame in first.waiting), "the event came before the acknowledgement"
            ack = await first.receive(type="message_ack")
            assert ack["requestId"] == "r1" and ack["clientMessageId"] == "talk-1"
            assert ack["seq"] == joined["headSeq"] + 1 and ack["version"] == 1 and TIME.match(ack["timestamp"])

            event = await second.receive(type="new_message")
            data = event["data"]
            assert set(event) == {"type", "data", "timestamp"}
            assert data["text"] == "Bett 4 ist frei \u2713" and data["sender"] == place.first.name
            assert data["id"] == ack["messageId"] and UUID.match(data["id"]) and data["seq"] == ack["seq"]
            assert data["channelId"] == client.GENERAL and data["deleted"] is False and data["reactions"] == []
            assert "clientMessageId" not in data or data["clientMessageId"] is None
            assert "flagReason" not in data

            await second.message("Danke", key="talk-2")
            assert (await first.receive(type="new_message"))["data"]["text"] == "Danke"

    asyncio.run(talk())
    texts = [message["text"] for message in client.history(place.server, place.second.token)]
    assert texts[-2:] == ["Bett 4 ist frei \u2713", "Danke"]


def test_order_is_kept_while_many_are_in_flight(place):
    async def talk():
        async with client.open_socket(place.server, place.first.token) as first, \
                client.open_socket(place.server, place.second.token) as second:
            await first.join()
            begin = (await second.join())["liveFrom"]
            keys = [f"order-{number}" for number in range(40)]  # within the default burst of 60
            for key in keys:
                await first.send(type="send_message", channelId=client.GENERAL, text=key, clientMessageId=key, requestId=key)
            acks = [await first.receive(type="message_ack") for _ in keys]
            events = [(await second.receive(type="new_message"))["data"] for _ in keys]
            assert [ack["requestId"] for ack in acks] == keys
            assert [event["text"] for event in events] == keys
            assert [event["seq"] for event in events] == list(range(begin, begin + len(keys)))
            assert [ack["seq"] for ack in acks] == [event["seq"] for event in events]

    asyncio.run(talk())


def test_a_message_sent_twice_is_stored_once(place):
    async def talk():
        async with client.open_socket(place.server, place.first.token) as first:
            await first.join()
            once = await first.message("only once", key="twice")
        async with client.open_socket(place.server, place.first.token) as again, \
                client.open_socket(place.server, place.second.token) as second:
            await second.join()
            repeated = await again.message("only once", key="twice")
            assert repeated == once, "the first acknowledgement comes again, word for word"
            other = await again.message("something else", key="twice")
            assert (other["type"], other["code"]) == ("error", "CONFLICT")
            # The key belongs to its sender: the same one of another person is another message.
            assert (await second.message("only once", key="twice"))["messageId"] != once["messageId"]
            event = await second.receive(type="new_message")
            assert event["data"]["sender"] == place.second.name, "a repeated message was delivered again"

    asyncio.run(talk())
    texts = [message["text"] for message in client.history(place.server, place.first.token)]
    assert texts.count("only once") == 2 and "something else" not in texts


def test_who_left_gets_nothing_more(place):
    async def talk():
        async with client.open_socket(place.server, place.first.token) as first, \
                client.open_socket(place.server, place.second.token) as second:
            await first.join()
            await second.join()
            left = await second.ask(type="leave_channel", channelId=client.GENERAL, requestId="leave")
            assert left["type"] == "channel_left" and left["reason"] == "request"
            assert (await second.ask(type="leave_channel", channelId=client.GENERAL, requestId="leave2"))["type"] == "channel_left"
            await first.message("behind your back", key="left-1")
            await second.send(type="ping", requestId="p")
            assert (await second.next_frame())["type"] == "pong", "something came after leaving"
            refused = await second.message("from outside", key="left-2")
            assert refused["code"] == "NOT_FOUND" or refused["code"] == "FORBIDDEN"
            await second.join()

    asyncio.run(talk())


def test_channels_are_listed_with_their_counters(place):
    answer = client.request(place.server, "GET", "/api/channels", token=place.first.token)
    assert answer.status == 200
    channels = {channel["name"]: channel for channel in answer.json()}
    assert {"General", "Announcements"} <= set(channels)
    general = channels["General"]
    assert general["id"] == client.GENERAL and general["kind"] == "public" and general["isMember"] is True
    assert general["lastSeq"] >= 1 and general["myRole"] == "member"


def test_logging_out_ends_the_session_and_its_sockets(place):
    token = client.login(place.server, place.first.name, place.first.password)

    async def talk():
        async with client.open_socket(place.server, token) as opened:
            await opened.join()
            answer = await asyncio.to_thread(client.request, place.server, "POST", "/api/auth/logout", None, token)
            assert answer.status == 200
            ended = await opened.receive(type="session_terminated")
            assert ended["data"]["reason"] == "logout"
            assert await opened.closed() == (1008, "session terminated")
        async with client.open_socket(place.server) as late:
            refused = await late.authenticate(token)
            assert refused["success"] is False and refused["code"] == "TOKEN_INVALID"
            assert await late.closed() == (1008, "authentication failed")

    asyncio.run(talk())
    assert client.request(place.server, "GET", "/api/users/me", token=token).status == 401
