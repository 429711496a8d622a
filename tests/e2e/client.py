# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""A client written from the contract alone, on python3-websockets and http.client: a peer that shares no code with us."""
import asyncio
import contextlib
import http.client
import json
import socket
import ssl

import websockets

GENERAL = "00000000-0000-0000-0000-000000000001"
ANSWER_SECONDS = 20


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


def request(server, method, path, body=None, token=None, headers=None):
    """One REST request on a connection of its own. A dict body is sent as JSON."""
    if server.secure:
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=ANSWER_SECONDS,
                                                 context=server.tls_context())
    else:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=ANSWER_SECONDS)
    sent = dict(headers or {})
    if token:
        sent["Authorization"] = f"Bearer {token}"
    if isinstance(body, dict):
        body = json.dumps(body)
        sent.setdefault("Content-Type", "application/json")
    with contextlib.closing(connection):
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode())


def login(server, name, password):
    answer = request(server, "POST", "/api/auth/login", {"username": name, "password": password})
    assert answer.status == 200, f"log-in of {name}: {answer.status} {answer.body}"
    return answer.json()["token"]


def history(server, token, channel=GENERAL):
    """All messages of a channel in the order of their seq, read page by page as a client would."""
    messages = []
    path = f"/api/messages?channelId={channel}&order=asc&limit=200"
    while path:
        answer = request(server, "GET", path, token=token)
        assert answer.status == 200, f"{path}: {answer.status} {answer.body}"
        messages += answer.json()
        path = next_page(answer.headers.get("Link"))
    return messages


def next_page(link):
    for part in (link or "").split(","):
        address, _, parameters = part.partition(";")
        if 'rel="next"' in parameters:
            path = address.strip().strip("<>")
            return path if path.startswith("/") else "/" + path.split("/", 3)[3]
    return None


class Socket:
    """An authenticated or fresh WebSocket. Frames that answer another question wait until they are asked for."""

    def __init__(self, connection):
        self.connection = connection
        self.waiting = []

    async def send(self, **frame):
        await self.connection.send(json.dumps(frame))

    async def receive(self, **wanted):
        """The next frame whose fields equal `wanted`; frames passed over stay in order for later."""
        for at, frame in enumerate(self.waiting):
            if matches(frame, wanted):
                return self.waiting.pop(at)
        while True:
            frame = await self.next_frame()
            if matches(frame, wanted):
                return frame
            self.waiting.append(frame)

    async def next_frame(self):
        return json.loads(await asyncio.wait_for(self.connection.recv(), ANSWER_SECONDS))

    async def ask(self, **frame):
        """Sends a frame with a requestId and returns its one answer, ack or error."""
        await self.send(**frame)
        return await self.receive(requestId=frame["requestId"])

    async def authenticate(self, token):
        await self.send(type="authenticate", token=token)
        return await self.receive(type="authentication_response")

    async def join(self, channel=GENERAL):
        joined = await self.ask(type="join_channel", channelId=channel, requestId=f"join-{channel}")
        assert joined["type"] == "channel_joined", joined
        return joined

    async def message(self, text, key=None, channel=GENERAL, **more):
        frame = {"type": "send_message", "channelId": channel, "text": text, "requestId": f"send-{key or text[:20]}"[:64]}
        if key is not None:
            frame["clientMessageId"] = key
        frame["requestId"] = "".join(c if c.isalnum() or c in "._:-" else "_" for c in frame["requestId"])
        return await self.ask(**{**frame, **more})

    async def closed(self):
        """Waits for the server to close; returns code and reason."""
        try:
            while True:
                self.waiting.append(await self.next_frame())
        except websockets.ConnectionClosed:
            return self.connection.close_code, self.connection.close_reason


def matches(frame, wanted):
    return all(frame.get(name) == value for name, value in wanted.items())


@contextlib.asynccontextmanager
async def open_socket(server, token=None, **keywords):
    """A socket, authenticated when a token is given."""
    async with websockets.connect(server.socket_address(), ssl=server.tls_context(), max_size=2**20, ping_interval=None,
                                  open_timeout=ANSWER_SECONDS, close_timeout=5, **keywords) as connection:
        opened = Socket(connection)
        if token:
            answer = await opened.authenticate(token)
            assert answer["success"], answer
        yield opened


def raw_exchange(server, data, seconds=15):
    """Sends bytes as they are and returns everything the server answers until it closes.

    Fails when the server neither closes nor answers in time: each caller expects to be cut off.
    """
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as plain:
        wrapped = server.tls_context().wrap_socket(plain, server_hostname="127.0.0.1") if server.secure else plain
        wrapped.sendall(data)
        received = b""
        while True:
            try:
                part = wrapped.recv(65536)
            except (ConnectionResetError, ssl.SSLEOFError):
                return received
            if not part:
                return received
            received += part
