# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""Protects the clients that exist: the two JavaScript samples of the server's documentation run unchanged but for host,
credentials and ids (samples/ holds them word for word), and so does the program in the README."""
import json
import pathlib
import subprocess

import pytest

import client
from messenger import ROOT

SAMPLES = pathlib.Path(__file__).parent / "samples"
NODE = ROOT / "tests/node_modules/.bin/node"


def run_node(folder, program, *arguments, stdin=None, settings=None, seconds=30):
    file = folder / "program.mjs"
    file.write_text(program)
    done = subprocess.run([NODE, file, *arguments], input=stdin, env={"PATH": "/usr/bin:/bin", **(settings or {})},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds)
    assert done.returncode == 0, done.stdout
    return done.stdout


def sample(name, **replaced):
    text = (SAMPLES / name).read_text()
    for old, new in replaced.items():
        assert text.count(old) >= 1, f"{old} is not in {name}"
        text = text.replace(old, new)
    return text


def host_of(server):
    return f"127.0.0.1:{server.port}"


def test_the_websocket_sample_holds_a_conversation(server, ben, tmp_path):
    """Authenticates, joins on the answer, sends by its sendMessage and prints what arrives, as the documents say."""
    text = sample("websocket_client.js", **{"server-address:3000": host_of(server), "your_jwt_token": ben.token,
                                            "channel-id": client.GENERAL})
    # The driver: send once joined, end after the own message came back. It adds listeners and changes nothing.
    driver = f"""
ws.addEventListener('message', (event) => {{
  const message = JSON.parse(event.data);
  if (message.type === 'channel_joined') sendMessage('{client.GENERAL}', 'from the sample');
  if (message.type === 'new_message') ws.close();
  if (message.type === 'error') process.exit(2);
}});
"""
    printed = run_node(tmp_path, text + driver)
    assert "Connected to the server" in printed
    assert "ben: from the sample" in printed
    assert "message_ack" in printed
    assert client.history(server, ben.token)[-1]["text"] == "from the sample"


def test_the_rest_sample_logs_in(server, amara, tmp_path):
    text = sample("rest_client.js", **{"server-address:3000": host_of(server)})
    driver = """
const token = await login(process.env.USERNAME, process.env.PASSWORD);
console.log(token);
"""
    token = run_node(tmp_path, text + driver, settings={"USERNAME": amara.name, "PASSWORD": amara.password}).strip()
    me = client.request(server, "GET", "/api/users/me", token=token)
    assert me.status == 200 and me.json()["username"] == amara.name


@pytest.mark.parametrize("name", ["websocket_client.js", "rest_client.js"])
def test_the_readme_shows_the_same_clients(name):
    """The README's program is made of the samples: every line it shares with them is theirs, none is bent."""
    readme = (ROOT / "README.md").read_text().split("```javascript\n", 1)[1].split("```", 1)[0]
    own = {"server-address:3000": "127.0.0.1:3000", "'your_jwt_token'": "token", "'channel-id'": f"'{client.GENERAL}'"}
    shown = sample(name, **{old: new for old, new in own.items() if old in (SAMPLES / name).read_text()})
    if name == "rest_client.js":
        shown = shown.split("// Get user list")[0]
    assert shown.strip() in readme
