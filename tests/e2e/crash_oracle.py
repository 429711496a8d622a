# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""Writers that keep several messages in flight while something is killed, and the judge of what is left afterwards.

A writer is a correct client: a message without an answer is sent again, with the same clientMessageId, in the old order.
Everything random comes from the seed, and what is killed is killed when a number of acknowledgements is reached, so a run can
be repeated: MCP_E2E_SEED=... script/test KillNine.
"""
import asyncio
import json
import os
import random

import websockets

import audit_chain
import client

SEED = int(os.environ.get("MCP_E2E_SEED", "20260131"))
SCALE = int(os.environ.get("MCP_E2E_SCALE", "1"))  # script/test-full sets 10
RUN_SECONDS = 150 * SCALE
# What a connection may end with while server or database are down; anything else is a finding.
GONE = (OSError, EOFError, asyncio.TimeoutError, websockets.WebSocketException)


class Refused(Exception):
    """The server could not take part for now; try again later."""


class Writer:
    def __init__(self, server, name, token, count, window):
        self.server = server
        self.name = name
        self.token = token
        self.texts = {f"{name}-{number:05d}": f"message {number} of {name}" for number in range(count)}
        self.window = window
        self.acked = {}  # clientMessageId -> (messageId, seq)
        self.refusals = []  # what a failed judgement shows: (key, code, what else was in flight), or why a connection ended

    async def run(self):
        while len(self.acked) < len(self.texts):
            try:
                async with client.open_socket(self.server) as opened:
                    await enter(opened, self.token)
                    await self.send_all(opened)
            except (*GONE, Refused) as gone:
                self.refusals.append(repr(gone))
                await asyncio.sleep(0.05)  # the pause of a client that connects again

    async def send_all(self, opened):
        while len(self.acked) < len(self.texts):
            await self.send_until_refused(opened, [key for key in self.texts if key not in self.acked])

    async def send_until_refused(self, opened, keys):
        """Keeps `window` messages in flight; after a refusal only collects the answers still due.

        The messages after a refused one must not overtake it, so the next round begins with the refused one.
        """
        unsent = list(reversed(keys))
        in_flight = set()
        refused = None
        while in_flight or (unsent and refused is None):
            while unsent and refused is None and len(in_flight) < self.window:
                key = unsent.pop()
                in_flight.add(key)
                await opened.send(type="send_message", channelId=client.GENERAL, text=self.texts[key],
                                  clientMessageId=key, requestId=key)
            frame = await opened.next_frame()
            key = frame.get("requestId")
            if key not in in_flight:
                assert frame["type"] != "error", frame
                continue
            in_flight.remove(key)
            if frame["type"] == "message_ack":
                self.acknowledge(key, frame)
            else:
                assert frame["type"] == "error" and frame["code"] in ("UNAVAILABLE", "INTERNAL", "RATE_LIMITED"), frame
                refused = refused or frame
                self.refusals.append((key, frame["code"], sorted(in_flight)))
        if refused is not None:
            await asyncio.sleep(refused.get("retryAfterMs", 50) / 1000)

    def acknowledge(self, key, frame):
        assert frame["clientMessageId"] == key
        answer = (frame["messageId"], frame["seq"])
        assert self.acked.setdefault(key, answer) == answer, f"{key} was acknowledged as {self.acked[key]} and as {answer}"


class Reader:
    """Listens all the time and checks on each connection that seq rises by one from where delivery began."""

    def __init__(self, server, token):
        self.server = server
        self.token = token
        self.delivered = {}  # seq -> messageId

    async def run(self):
        while True:
            try:
                async with client.open_socket(self.server) as opened:
                    expected = (await enter(opened, self.token))["liveFrom"]
                    while True:
                        frame = await self.next_message(opened)
                        message = frame["data"]
                        assert message["seq"] == expected, f"delivered seq {message['seq']} where {expected} was due"
                        expected += 1
                        known = self.delivered.setdefault(message["seq"], message["id"])
                        assert known == message["id"], f"seq {message['seq']} was delivered as two messages"
            except (*GONE, Refused):
                await asyncio.sleep(0.05)

    @staticmethod
    async def next_message(opened):
        while True:
            frame = opened.waiting.pop(0) if opened.waiting else await opened.connection.recv()
            frame = frame if isinstance(frame, dict) else json.loads(frame)
            if frame["type"] == "new_message":
                return frame


async def enter(opened, token):
    answer = await opened.authenticate(token)
    if not answer["success"]:
        assert answer["code"] == "UNAVAILABLE", f"a session did not survive: {answer}"
        raise Refused
    joined = await opened.ask(type="join_channel", channelId=client.GENERAL, requestId="join")
    if joined["type"] == "error":
        assert joined["code"] in ("UNAVAILABLE", "INTERNAL"), joined
        raise Refused
    return joined


async def storm(writers, readers, disturb, times):
    """Lets all writers finish while `disturb` is called `times` times at seeded points of the way."""
    total = sum(len(writer.texts) for writer in writers)
    points = sorted(random.Random(SEED).sample(range(total // 10, total - total // 10), times))
    print(f"seed {SEED}: {total} messages, disturbed after {points} acknowledgements")
    listening = [asyncio.ensure_future(reader.run()) for reader in readers]
    writing = [asyncio.ensure_future(writer.run()) for writer in writers]

    async def disturb_at_points():
        for point in points:
            while sum(len(writer.acked) for writer in writers) < point:
                await asyncio.sleep(0.002)
            await asyncio.to_thread(disturb)

    working = asyncio.gather(*writing, disturb_at_points())
    try:
        done, _ = await asyncio.wait([working, *listening], timeout=RUN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # a reader only ends by finding something
        assert working in done, "not finished in time: " + str([f"{w.name} {len(w.acked)}/{len(w.texts)}" for w in writers])
    finally:
        for task in [working, *listening]:
            task.cancel()
        await asyncio.gather(working, *listening, return_exceptions=True)


def judge(server, cursor, writers, readers, token):
    """Nothing acknowledged is lost, nothing is there twice, order is kept, and the audit trail agrees."""
    stored = client.history(server, token)
    keys = {message_id: key for writer in writers for key, (message_id, _) in writer.acked.items()}
    ours = [message for message in stored if message["id"] in keys]
    assert len(ours) == len(keys) == sum(len(writer.texts) for writer in writers), "acknowledged messages are lost"
    assert [message["seq"] for message in stored] == list(range(1, len(stored) + 1)), "seq has a hole or a double"
    for writer in writers:
        own = [message for message in ours if message["sender"] == writer.name]
        order = [keys[message["id"]] for message in own]
        swapped = [(before, after) for before, after in zip(order, order[1:]) if before > after]
        assert not swapped, f"order of {writer.name} is broken: {swapped}; its refusals: {writer.refusals}"
        assert {keys[m["id"]]: m["text"] for m in own} == writer.texts, f"{writer.name} wrote other texts"
        assert {keys[m["id"]]: (m["id"], m["seq"]) for m in own} == writer.acked, "an acknowledgement told another seq"
    numbers = {message["seq"]: message["id"] for message in stored}
    for reader in readers:
        assert reader.delivered.items() <= numbers.items(), "something was delivered that is not stored"
        assert reader.delivered, "the reader got nothing: the run proves nothing about delivery"

    cursor.execute("""SELECT count(*), count(DISTINCT (sender_id, client_message_id)), max(seq) FROM messages
                      WHERE channel_id = %s""", (client.GENERAL,))
    rows, distinct, last = cursor.fetchone()
    assert rows == distinct == last == len(stored), f"{rows} rows, {distinct} keys, last seq {last}, {len(stored)} read"
    cursor.execute("SELECT last_seq FROM channels WHERE id = %s", (client.GENERAL,))
    assert cursor.fetchone() == (last,)
    actions = audit_chain.verify(cursor)
    assert actions["message_sent"] == rows, "an audit entry too many or too few"
