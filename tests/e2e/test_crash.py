# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""Protects the promise that an acknowledged message is safe, whatever is killed: server or PostgreSQL, in the middle of bursts.

After each run: 0 acknowledged messages lost, 0 doubled, the order of each sender kept, seq without a hole, the audit chain
whole with exactly one entry for each message. A hole in any of these shows as a failed judgement; a server that acknowledged
before the commit, forgot idempotency keys at a crash, or let pipelined messages overtake a failed one, fails here.
"""
import asyncio

import pytest

from crash_oracle import SCALE, Reader, Writer, judge, storm

MESSAGES = 120 * SCALE
WINDOW = 8


class Place:
    """A server on an external database, with writers and a reader who know each other from General."""

    def __init__(self, new_messenger, new_database, new_account):
        self.database = new_database()
        self.server = new_messenger(self.database.settings())
        self.server.set_up()
        self.server.start()
        self.accounts = [new_account(self.server, name) for name in ("ada", "bela", "cem", "dana", "eva")]

    def run(self, disturb, times):
        writers = [Writer(self.server, account.name, account.token, MESSAGES, WINDOW) for account in self.accounts[:4]]
        readers = [Reader(self.server, self.accounts[4].token)]
        asyncio.run(storm(writers, readers, disturb, times))
        with self.database.connect() as cursor:
            judge(self.server, cursor, writers, readers, self.accounts[4].token)


@pytest.fixture
def place(new_messenger, new_database, new_account):
    made = Place(new_messenger, new_database, new_account)
    yield made
    made.server.close()
    made.database.cluster.stop()


def test_kill_nine_of_the_server_loses_nothing(place):
    def kill_and_start_again():
        place.server.kill()
        place.server.start()

    place.run(kill_and_start_again, 3 * SCALE)


def test_an_immediate_restart_of_postgresql_loses_nothing(place):
    place.run(lambda: place.database.cluster.restart("immediate"), 3 * SCALE)
    assert place.server.process.poll() is None, "the server must live through it"


def test_kill_nine_of_postgresql_loses_nothing(place):
    def kill_and_start_again():
        place.database.cluster.kill_postmaster()
        place.database.cluster.start()

    place.run(kill_and_start_again, SCALE)
    assert place.server.process.poll() is None, "the server must live through it"
