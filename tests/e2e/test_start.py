# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""Protects the start: it refuses what is unsafe, says what is wrong by name and never by value, and invents no secret."""
import base64
import os
import re
import secrets
import stat

import pytest

from client import request
from messenger import Messenger, copy_home, read_env_file

KEY = base64.b64encode(secrets.token_bytes(32)).decode()
OTHER_KEY = base64.b64encode(secrets.token_bytes(32)).decode()
SECRETS = ("JWT_SECRET", "ENCRYPTION_KEY", "METADATA_KEY")


@pytest.fixture(scope="module")
def home(new_messenger):
    """A home as `setup` leaves it, nothing serving on it."""
    messenger = new_messenger({"PORT": "0"}, name="set-up")
    messenger.set_up()
    return messenger


def refused(messenger, variable, **settings):
    done = messenger.command("serve", settings=settings, seconds=60)
    assert done.returncode == 78, f"{done.returncode}: {done.stdout}"
    assert variable in done.stdout, done.stdout
    assert "listening on" not in done.stdout
    for name, value in settings.items():  # the word "production" may be told, it is no secret of the operator's
        assert name == "NODE_ENV" or value is None or len(value) < 8 or value not in done.stdout, f"{name} is in the message"
    return done.stdout


def without(messenger, *names):
    """The settings of a home's .env but for `names`, to be given by the environment of a home without that file."""
    return {name: value for name, value in read_env_file(messenger.home / ".env").items() if name not in names}


@pytest.fixture
def bare_home(new_folder):
    return Messenger(new_folder("bare"), {"PORT": "0", "DB_HOST": "/nowhere", "DB_PASSWORD": "Some-Database-Password-1"})


@pytest.mark.parametrize("variable", SECRETS)
def test_a_missing_secret_is_refused(home, bare_home, variable):
    refused(bare_home, variable, **without(home, variable))


@pytest.mark.parametrize("variable,value", [
    pytest.param("JWT_SECRET", "only-31-bytes-are-not-enough-xx", id="short JWT secret"),
    pytest.param("ENCRYPTION_KEY", base64.b64encode(b"0123456789abcdef" * 1).decode(), id="16 bytes"),
    pytest.param("ENCRYPTION_KEY", "not base64 !", id="no base64"),
    pytest.param("METADATA_KEY", base64.b64encode(secrets.token_bytes(33)).decode(), id="33 bytes"),
    pytest.param("PORT", "70000", id="port out of range"),
    pytest.param("LOG_LEVEL", "loud", id="unknown level"),
    pytest.param("ALLOWED_NETWORK_RANGE", "10.0.0.0/33", id="no network"),
])
def test_a_malformed_value_is_refused(home, bare_home, variable, value):
    refused(bare_home, variable, **{**without(home), variable: value})


def test_equal_secrets_are_refused(home, bare_home):
    settings = {**without(home), "ENCRYPTION_KEY": KEY, "METADATA_KEY": KEY}
    said = refused(bare_home, "METADATA_KEY", **settings)
    assert "ENCRYPTION_KEY" in said


def test_every_mistake_is_told_at_once(bare_home):
    said = refused(bare_home, "JWT_SECRET", PORT="0x10", LOG_LEVEL="loud")
    for variable in (*SECRETS, "PORT", "LOG_LEVEL"):
        assert variable in said, said


def test_a_secret_and_its_file_together_are_refused(home, bare_home, new_folder):
    file = new_folder("secret") / "jwt"
    file.write_text(secrets.token_urlsafe(48))
    file.chmod(0o600)
    refused(bare_home, "JWT_SECRET_FILE", **{**without(home), "JWT_SECRET_FILE": str(file)})


def test_production_refuses_defaults_and_weak_secrets(home, bare_home):
    production = {**without(home), "NODE_ENV": "production", "HOST": "127.0.0.1", "DB_NAME": "x", "DB_USER": "y"}
    assert "DB_NAME" in refused(bare_home, "DB_NAME", **{**production, "DB_NAME": None})
    refused(bare_home, "DB_PASSWORD", **{**production, "DB_PASSWORD": "short"})
    refused(bare_home, "JWT_SECRET", **{**production, "JWT_SECRET": "your-secret-key-should-be-in-env-variables"})
    refused(bare_home, "ENCRYPTION_KEY", **{**production, "ENCRYPTION_KEY": base64.b64encode(bytes(32)).decode()})
    refused(bare_home, "TLS_CERT_FILE", **{**production, "HOST": "0.0.0.0"})
    refused(bare_home, "AUTHENTICATE_USERS", **{**production, "AUTHENTICATE_USERS": "false"})


def test_another_root_key_does_not_open_the_database(home):
    refused(home, "ENCRYPTION_KEY", ENCRYPTION_KEY=OTHER_KEY)
    refused(home, "METADATA_KEY", METADATA_KEY=OTHER_KEY)


def test_serve_makes_up_nothing_in_an_empty_home(new_folder):
    """An empty home is for `setup`; `serve` says which secrets are missing and leaves the folder as it was."""
    messenger = Messenger(new_folder("empty"))
    said = refused(messenger, "JWT_SECRET")
    assert "ENCRYPTION_KEY" in said and "METADATA_KEY" in said
    assert not (messenger.home / ".env").exists()


def test_setup_writes_secrets_into_private_files_and_prints_none(home):
    env = home.home / ".env"
    values = read_env_file(env)
    assert set(SECRETS) <= set(values)
    assert len(base64.b64decode(values["ENCRYPTION_KEY"], validate=True)) == 32
    assert len({values[name] for name in SECRETS}) == 3
    for path in (env, home.home / "setup-token", home.home / "pg/credentials"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(home.home.stat().st_mode) == 0o700
    printed = "\n".join(home.output)
    token = (home.home / "setup-token").read_text().strip()
    for value in [values[name] for name in SECRETS] + [token]:
        assert value not in printed


def test_setup_keeps_what_is_there(home):
    before = {name: (home.home / name).read_bytes() for name in (".env", "config.json", "instance", "pg/credentials")}
    home.set_up()
    assert {name: (home.home / name).read_bytes() for name in before} == before


def test_root_never_serves(server, service_user):
    """The server started by root runs as the owner of its home, with root's groups gone."""
    status = open(f"/proc/{server.process.pid}/status", encoding="utf-8").read()
    users = re.search(r"^Uid:\s*(.*)$", status, re.MULTILINE).group(1).split()
    assert "0" not in users, users
    assert "0" not in re.search(r"^Groups:\s*(.*)$", status, re.MULTILINE).group(1).split()
    assert {os.stat(server.home).st_uid} == {int(user) for user in users}


def test_the_environment_of_the_running_server_holds_no_secret(production):
    """The database passwords came by the environment; they are gone from the process, even for root."""
    try:
        environment = open(f"/proc/{production.server.process.pid}/environ", "rb").read()
    except PermissionError:
        assert os.getuid() != 0
        return
    for password in (production.database.serving_password, production.database.owner_password):
        assert password.encode() not in environment


def test_one_home_has_one_server(server):
    done = server.command("serve", seconds=60)
    assert done.returncode == 75, f"{done.returncode}: {done.stdout}"
    assert request(server, "GET", "/health").status == 200


def test_one_database_has_one_server(production, new_folder, service_user):
    """Two machines that point at one database by mistake would tear the order of messages; the second refuses."""
    second_home = new_folder("second") / "home"
    copy_home(production.server.home, second_home, service_user)
    second = Messenger(second_home, production.server.settings)
    done = second.command("serve", seconds=60)
    assert done.returncode == 75, f"{done.returncode}: {done.stdout}"
    assert request(production.server, "GET", "/ready").status == 200


def test_a_port_in_use_is_71(home, server):
    """Found before anybody is served; the private cluster that was started for it stops again."""
    done = home.command("serve", settings={"PORT": str(server.port)}, seconds=60)
    assert done.returncode == 71, f"{done.returncode}: {done.stdout}"
    assert str(server.port) in done.stdout
    assert home.command("user", "create", "after_all", "--role", "user", "--password-stdin",
                        stdin="Kestrel-Marsh-4471-Lantern\n").returncode == 0


@pytest.mark.parametrize("arguments", [[], ["fly"], ["serve", "--fast"]], ids=["no command", "unknown command", "unknown flag"])
def test_wrong_use_is_64(home, arguments):
    assert home.command(*arguments).returncode == 64


def test_version_and_config_check(home):
    assert re.search(r"\d+\.\d+\.\d+", home.run("version"))
    home.run("config", "check")
    assert home.command("config", "check", settings={"PORT": "none"}).returncode == 78
