# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: homes and databases in a temporary folder, and the real server running on them."""
import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile

import pytest

from client import login
from messenger import Messenger
from postgres_cluster import PostgresCluster

# Fast password hashing and no rate limits, for tests that are about something else; the production tests keep the defaults.
DEVELOPMENT = {
    "ARGON2_MEMORY_KIB": "1024", "ARGON2_TIME": "1", "RATE_LIMIT_AUTH": "1000000", "RATE_LIMIT_ANONYMOUS": "1000000",
    "RATE_LIMIT_STANDARD": "1000000", "WS_RATE_PER_SECOND": "1000", "WS_RATE_BURST": "5000", "LOG_LEVEL": "debug",
}


@pytest.fixture(scope="session")
def service_user():
    """Who the server becomes when root starts it: the owner of its home."""
    return "postgres" if os.getuid() == 0 else None


@pytest.fixture(scope="session")
def new_folder(service_user):
    """Makes folders that the service user owns, under a short path: the path of a Unix socket has at most 107 bytes."""
    base = pathlib.Path(tempfile.mkdtemp(prefix="mcp-e2e-", dir="/tmp"))
    base.chmod(0o711)

    def make(name):
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=base))
        if service_user:
            shutil.chown(folder, service_user, service_user)
        return folder

    yield make
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(scope="session")
def new_messenger(new_folder):
    """Makes homes, and stops what still runs on them in the end; a server that does not stop cleanly fails the test."""
    made = []

    def make(settings=None, name="home", **keywords):
        messenger = Messenger(new_folder(name), {**DEVELOPMENT, **(settings or {})}, **keywords)
        made.append(messenger)
        return messenger

    yield make
    for messenger in made:
        messenger.close()


@pytest.fixture(scope="session")
def new_cluster(new_folder, service_user):
    """Makes PostgreSQL servers as a hospital would have them."""
    made = []

    def make():
        made.append(PostgresCluster(new_folder("pg"), service_user))
        return made[-1]

    yield make
    for cluster in made:
        cluster.stop()


class Database:
    """A database on an external server, with the settings that lead the messenger to it."""

    def __init__(self, cluster, name="messages"):
        self.cluster = cluster
        self.name = name
        self.owner_password = secrets.token_urlsafe(18)
        self.serving_password = secrets.token_urlsafe(18)
        cluster.make_database(name, self.owner_password, self.serving_password)

    def settings(self):
        return {"DB_HOST": str(self.cluster.folder), "DB_PORT": "5432", "DB_NAME": self.name, "DB_USER": "e2e_serving",
                "DB_PASSWORD": self.serving_password, "DB_MIGRATION_USER": "e2e_owner",
                "DB_MIGRATION_PASSWORD": self.owner_password}

    def connect(self):
        return self.cluster.connect(self.name)


@pytest.fixture(scope="session")
def new_database(new_cluster):
    return lambda: Database(new_cluster())


class Account:
    def __init__(self, server, name, role="user"):
        self.name = name
        self.password = "Correct-Horse-" + secrets.token_urlsafe(9)
        server.create_user(name, self.password, role)
        self.token = login(server, name, self.password)


@pytest.fixture(scope="session")
def new_account():
    """Creates accounts by the command line and logs them in."""
    return Account


@pytest.fixture(scope="session")
def server(new_messenger):
    """A development server over plain ws with its private cluster, as `script/server` starts one."""
    messenger = new_messenger()
    messenger.set_up()
    return messenger.start()


@pytest.fixture(scope="session")
def amara(server, new_account):
    return new_account(server, "amara")


@pytest.fixture(scope="session")
def ben(server, new_account):
    return new_account(server, "ben")


@pytest.fixture(scope="session")
def certificate(new_folder, service_user):
    """A self-signed certificate for 127.0.0.1; returns certificate and key."""
    folder = new_folder("tls")
    certificate, key = folder / "server.pem", folder / "server.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "30", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-addext",
                    "basicConstraints=critical,CA:TRUE", "-keyout", key, "-out", certificate], check=True,
                   stderr=subprocess.DEVNULL)
    key.chmod(0o600)
    if service_user:
        shutil.chown(key, service_user, service_user)
        shutil.chown(certificate, service_user, service_user)
    return certificate, key


class Production:
    def __init__(self, server, database):
        self.server = server
        self.database = database


@pytest.fixture(scope="session")
def production(new_folder, new_database, certificate):
    """As a hospital runs it: production, TLS, an external database with roles apart, every limit at its default."""
    database = new_database()
    certificate_file, key_file = certificate
    settings = {"NODE_ENV": "production", "HOST": "127.0.0.1", "TLS_CERT_FILE": str(certificate_file),
                "TLS_KEY_FILE": str(key_file), **database.settings()}
    messenger = Messenger(new_folder("home"), settings, certificate=certificate_file)
    messenger.set_up()
    yield Production(messenger.start(), database)
    messenger.close()
