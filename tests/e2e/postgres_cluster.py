# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of one test, standing for a hospital's own: Unix socket, password log-in, roles apart.

The superuser `e2e_super` logs in without a password, so that a test can look at rows and break things on purpose.
"""
import contextlib
import os
import pathlib
import re
import signal
import subprocess

import psycopg2

SUPERUSER = "e2e_super"


def binaries():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    assert found, "no PostgreSQL server found; script/bootstrap installs it"
    return found[-1].parent


def as_service_user(user):
    """Arguments that run a program as `user` (PostgreSQL refuses root); none when the tests are no root themselves."""
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if os.getuid() == 0 else []


class PostgresCluster:
    def __init__(self, folder, user):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.user = user
        self.bin = binaries()
        self._run("initdb", "-D", self.data, "-U", SUPERUSER, "--auth=trust", "--data-checksums", "--no-sync",
                  "--locale=C.UTF-8", "--encoding=UTF8")
        (self.data / "pg_hba.conf").write_text(
            f"local all {SUPERUSER} trust\nlocal all all scram-sha-256\n", encoding="utf-8")
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write(f"""
listen_addresses = ''
unix_socket_directories = '{self.folder}'
max_connections = 100
shared_buffers = 64MB
log_statement = 'none'
log_min_error_statement = error
""")
        self.start()

    def _run(self, program, *arguments, check=True):
        return subprocess.run([*as_service_user(self.user), str(self.bin / program), *map(str, arguments)], check=check,
                              cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, text=True)

    def _pg_ctl(self, *arguments, check=True):
        # The server inherits pg_ctl's output, so that goes to a file: a pipe would stay open as long as the server.
        return subprocess.run([*as_service_user(self.user), str(self.bin / "pg_ctl"), "-D", str(self.data), "-w",
                               "-l", str(self.folder / "postgres.log"), *arguments], check=check, cwd="/",
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)

    def start(self):
        # After a kill -9 the first attempts may be refused: "another server might be running".
        for _ in range(60):
            if self._pg_ctl("start", check=False).returncode == 0:
                return
        raise AssertionError("PostgreSQL did not start: " + self.log()[-2000:])

    def stop(self, mode="immediate"):
        self._pg_ctl("stop", "-m", mode, check=False)

    def restart(self, mode):
        self._pg_ctl("restart", "-m", mode)

    def kill_postmaster(self):
        os.kill(int((self.data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)

    def log(self):
        return (self.folder / "postgres.log").read_text(errors="replace")

    def make_database(self, name, owner_password, serving_password):
        """A database with an owner role and a serving role that owns nothing, as an operator would make them."""
        with self.connect("postgres") as database:
            database.execute(f"CREATE ROLE e2e_owner LOGIN PASSWORD '{owner_password}'")
            database.execute(f"CREATE ROLE e2e_serving LOGIN PASSWORD '{serving_password}'")
            database.execute(f"CREATE DATABASE {name} OWNER e2e_owner")

    @contextlib.contextmanager
    def connect(self, name):
        with database_connection(host=str(self.folder), dbname=name, user=SUPERUSER) as cursor:
            yield cursor


@contextlib.contextmanager
def database_connection(**parameters):
    connection = psycopg2.connect(connect_timeout=10, **parameters)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def socket_port(folder):
    """The port in the name of the one socket in `folder`."""
    names = [match.group(1) for match in map(re.compile(r"\.s\.PGSQL\.(\d+)$").match, os.listdir(folder)) if match]
    assert len(names) == 1, f"sockets in {folder}: {names}"
    return int(names[0])
