# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""Protects the planned stop: everybody is told, nothing acknowledged is lost, and no database process stays behind."""
import asyncio
import os
import signal
import subprocess

import pytest

import client
from crash_oracle import GONE


@pytest.fixture
def own_server(new_messenger):
    messenger = new_messenger()
    messenger.set_up()
    yield messenger.start()
    messenger.close()


def processes_of(home):
    """Lines of `ps` for the processes of the private cluster of this home."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [line for line in listed.splitlines() if f"{home}/pg" in line]


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT], ids=lambda which: which.name)
def test_a_stop_in_the_middle_of_a_burst_loses_nothing(own_server, new_account, which):
    """Frames are in flight when the signal comes: each is acknowledged and stored, or neither."""
    account = new_account(own_server, "amara")
    acked = {}

    async def burst():
        async with client.open_socket(own_server, account.token) as opened:
            await opened.join()
            first = await opened.message("before the burst", key="first")
            acked[first["messageId"]] = first["seq"]
            for number in range(200):
                await opened.send(type="send_message", channelId=client.GENERAL, text=f"message {number}",
                                  clientMessageId=f"stop-{number}", requestId=f"stop-{number}")
                if number == 100:
                    frame = await opened.receive(type="message_ack")  # the burst is being worked on
                    acked[frame["messageId"]] = frame["seq"]
                    own_server.process.send_signal(which)
            events = []
            try:
                while True:
                    frame = opened.waiting.pop(0) if opened.waiting else await opened.next_frame()
                    if frame["type"] == "message_ack":
                        acked[frame["messageId"]] = frame["seq"]
                    if frame["type"] == "system_event":
                        events.append(frame)
            except GONE:
                pass
            assert (opened.connection.close_code, opened.connection.close_reason) == (1001, "server shutdown")
            assert [event["eventType"] for event in events] == ["shutdown"]
            assert 0 <= events[0]["data"]["reconnectAfterMs"] <= 10_000

    asyncio.run(burst())
    assert own_server.wait() == 0
    assert len(acked) > 1, "nothing of the burst was acknowledged: the run proves nothing"
    assert processes_of(own_server.home) == [], "PostgreSQL outlived the server"

    own_server.start()
    stored = {message["id"]: message["seq"] for message in client.history(own_server, account.token)}
    assert acked.items() <= stored.items()
    assert sorted(stored.values()) == list(range(1, len(stored) + 1))


def test_a_killed_server_leaves_no_orphan_and_starts_again(own_server, new_account):
    """The kernel tells the private cluster to stop when the server dies; the next start waits for that."""
    account = new_account(own_server, "amara")
    assert processes_of(own_server.home), "the private cluster runs"
    own_server.kill()
    own_server.start()
    assert client.request(own_server, "GET", "/api/users/me", token=account.token).status == 200


def test_a_killed_private_cluster_is_started_again(own_server, new_account):
    account = new_account(own_server, "amara")

    async def talk():
        async with client.open_socket(own_server, account.token) as opened:
            await opened.join()
            first = await opened.message("before", key="before")
            assert first["type"] == "message_ack"
        postmaster = int((own_server.home / "pg/data/postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGKILL)
        while True:  # bounded by ANSWER_SECONDS of each step and the test's own clock below
            try:
                async with client.open_socket(own_server, account.token) as opened:
                    await opened.join()
                    again = await opened.message("after", key="after")
                    if again["type"] == "message_ack":
                        return first, again
                    assert again["code"] in ("UNAVAILABLE", "INTERNAL"), again
            except (*GONE, AssertionError):
                assert own_server.process.poll() is None, "the server must live through it"
            await asyncio.sleep(0.1)

    first, again = asyncio.run(asyncio.wait_for(talk(), 60))
    assert again["seq"] == first["seq"] + 1
    assert [message["text"] for message in client.history(own_server, account.token)] == ["before", "after"]
