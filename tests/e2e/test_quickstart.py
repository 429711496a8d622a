# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""Protects the first ten minutes of everybody who tries it: the README's commands are run as they stand, in order, on an empty
home. The clone comes from this checkout, and a server that is built already is used (MCP_SERVER_BINARY; script/test-full builds
one in the clone instead), everything else is literal."""
import os
import re
import shutil
import signal
import socket
import subprocess

import pytest

from messenger import KEPT_VARIABLES, ROOT, server_binary

ADMIN_PASSWORD = "Quick-Start-Boss-1"
USER_PASSWORD = "Quick-Start-User-1"
BLOCK = re.compile(r"^```(bash|javascript)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def blocks():
    """The code blocks of the README up to `Configuration`, by kind."""
    text = (ROOT / "README.md").read_text().split("\n## Configuration", 1)[0]
    found = BLOCK.findall(text)
    kinds = [kind for kind, _ in found]
    assert kinds == ["bash"] * 4 + ["javascript"] + ["bash"] * 2, f"the README has other blocks than this test knows: {kinds}"
    return [block for _, block in found]


def start(script, environment, folder, **pipes):
    return subprocess.Popen(["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, **pipes)


def read_until(process, text, limit=2000):
    seen = []
    for line in process.stdout:
        seen.append(line)
        if text in line:
            return "".join(seen)
        assert len(seen) < limit
    raise AssertionError(f"'{text}' never came:\n" + "".join(seen[-60:]))


def end(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C does
    try:
        process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return process.returncode


@pytest.fixture
def environment(new_folder):
    """A user's environment; git is told that the project's address means this checkout, as it is (uncommitted files included
    would not be the project's state, so the clone holds what is committed)."""
    kept = {name: os.environ[name] for name in (*KEPT_VARIABLES, "HOME") if name in os.environ}
    return {**kept, "REPOSITORY": "https://project.example/mcp-messenger.git", "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": f"url.{ROOT}.insteadOf", "GIT_CONFIG_VALUE_0": "https://project.example/mcp-messenger.git",
            "GIT_CONFIG_KEY_1": "safe.directory", "GIT_CONFIG_VALUE_1": "*"}


def port_3000_is_free():
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", 3000)) != 0


def test_the_readme_leads_from_a_clone_to_a_conversation(blocks, environment, new_folder):
    assert port_3000_is_free(), "the README uses port 3000, and something listens there already"
    clone_and_serve, redeem, log_in, create_users, program, run_first, run_second = blocks
    folder = new_folder("quickstart")
    folder.chmod(0o755)
    checkout = folder / "mcp-messenger"
    if os.environ.get("MCP_E2E_SCALE", "1") == "1":
        environment = {**environment, "MCP_SERVER_BINARY": server_binary()}

    serving = start(clone_and_serve, environment, folder)
    talking = []
    try:
        read_until(serving, "listening on")
        (checkout / "build/release/src").mkdir(parents=True, exist_ok=True)
        if "MCP_SERVER_BINARY" in environment:
            (checkout / "build/release/src/mcp-messenger").symlink_to(environment["MCP_SERVER_BINARY"])
            shutil.copytree(ROOT / "tests/node_modules", checkout / "tests/node_modules", symlinks=True)

        second_terminal = start(redeem + log_in + create_users, environment, checkout,
                                stdin=subprocess.PIPE)
        said, _ = second_terminal.communicate(f"{ADMIN_PASSWORD}\n{USER_PASSWORD}\n", timeout=120)
        assert second_terminal.returncode == 0, said
        assert '"token":"' in said and '"role":"super_admin"' in said, said
        again = start(redeem, environment, checkout, stdin=subprocess.PIPE)
        said, _ = again.communicate(f"{ADMIN_PASSWORD}\n", timeout=60)
        assert again.returncode != 0 and "RESET_TOKEN_INVALID" in said, "the token can be used once"

        (checkout / "conversation.mjs").write_text(program)
        people = {**environment, "USER_PASSWORD": USER_PASSWORD}
        for script in (run_first, run_second):
            talking.append(start(script, people, checkout, stdin=subprocess.PIPE))
        for person in talking:
            read_until(person, "channel_joined")
        talking[0].stdin.write("Bed 4 is ready\n")
        talking[0].stdin.flush()
        for person in talking:
            read_until(person, "amara: Bed 4 is ready")
    finally:
        for person in talking:
            person.kill()
            person.communicate()
        code = end(serving)
    assert code == 0, "Ctrl-C stops the server cleanly"
