# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""Protects against requests that a proxy and the server could read differently: each is refused and its connection closed,
and nothing behind it on the same connection is answered. The whole list is in the unit tests of src/http; these go through
the real server."""
import re

import pytest

import client

HOST = b"Host: 127.0.0.1\r\n"
SMUGGLED = b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n"
BODY = b'{"username":"a","password":"b"}'
LOGIN = b"POST /api/auth/login HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(BODY)

REQUESTS = {
    "chunked": (LOGIN + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
    "chunked and a length": (LOGIN + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
    "identity coding": (LOGIN + LENGTH + b"Transfer-Encoding: identity\r\n\r\n" + BODY, 501),
    "unknown coding": (LOGIN + b"Transfer-Encoding: xchunked\r\n\r\n" + BODY, 501),
    "two equal lengths": (LOGIN + LENGTH + LENGTH + b"\r\n" + BODY, 400),
    "two lengths": (LOGIN + LENGTH + b"Content-Length: 0\r\n\r\n" + BODY, 400),
    "a list of lengths": (LOGIN + b"Content-Length: 31, 31\r\n\r\n" + BODY, 400),
    "a signed length": (LOGIN + b"Content-Length: +31\r\n\r\n" + BODY, 400),
    "body without length": (LOGIN + b"\r\n" + BODY, 411),
    "no host": (b"GET /health HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET /health HTTP/1.1\r\n" + HOST + b"Host: evil\r\n\r\n", 400),
    "a folded line": (b"GET /health HTTP/1.1\r\n" + HOST + b"X-A: 1\r\n 2\r\n\r\n", 400),
    "a blank before the colon": (b"GET /health HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n", 400),
    "a bare line feed": (b"GET /health HTTP/1.1\nHost: 127.0.0.1\n\n", 400),
    "NUL in a field": (b"GET /health HTTP/1.1\r\n" + HOST + b"X-A: a\0b\r\n\r\n", 400),
    "TRACE": (b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    "CONNECT": (b"CONNECT 127.0.0.1:443 HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a long target": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    "many header lines": (b"GET /health HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: 1\r\n" % n for n in range(120)) + b"\r\n", 431),
    "large headers": (b"GET /health HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 17000 + b"\r\n\r\n", 431),
    "a large body": (LOGIN + b"Content-Length: 200000\r\n\r\n" + b"x" * 1000, 413),
    "an unknown expectation": (LOGIN + LENGTH + b"Expect: tea\r\n\r\n" + BODY, 417),
}


@pytest.mark.parametrize("request_bytes,status", REQUESTS.values(), ids=REQUESTS.keys())
def test_an_ambiguous_request_is_refused_and_ends_the_connection(server, request_bytes, status):
    answer = client.raw_exchange(server, request_bytes + SMUGGLED)
    assert len(re.findall(rb"^HTTP/1\.1 \d{3} ", answer, re.MULTILINE)) == 1, "what came behind it was answered too"
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), head
    assert b"connection: close" in head.lower()
    assert b"application/problem+json" in head.lower()
    assert b"/health" not in body and b"evil" not in body, "the answer repeats what was sent"


def test_a_plain_request_keeps_its_connection(server):
    """The control: what is not ambiguous is answered, twice on one connection."""
    last = b"GET /health HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    answer = client.raw_exchange(server, SMUGGLED + last)
    assert answer.count(b"HTTP/1.1 200 ") == 2


def test_health_ready_and_metrics(server):
    health = client.request(server, "GET", "/health").json()
    assert health["status"] == "ok" and health["uptime"] >= 0 and health["timestamp"].endswith("Z")
    ready = client.request(server, "GET", "/ready")
    assert ready.status == 200
    assert ready.json()["status"] == "ready" and set(ready.json()["checks"].values()) == {"ok"}
    head = client.request(server, "HEAD", "/health")
    assert head.status == 200 and head.body == ""
