# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""The real server program, started, watched and stopped as an operator does it."""
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import ssl
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Passed on to the server; everything else of the environment stays outside, DB_* and secrets above all.
KEPT_VARIABLES = ("PATH", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS",
                  "ASAN_SYMBOLIZER_PATH", "TSAN_SYMBOLIZER_PATH")


def server_binary():
    named = os.environ.get("MCP_SERVER_BINARY")
    if named is None:
        built = subprocess.run([ROOT / "script/build", "debug"], check=True, stdout=subprocess.PIPE, text=True)
        named = built.stdout.splitlines()[-1]
    assert os.access(named, os.X_OK), f"{named} is no program; script/build makes it"
    return str(pathlib.Path(named).resolve())


class Messenger:
    """One home and the `serve` that runs on it.

    `settings` are environment variables. `start` returns only when the server has said that it listens; otherwise it
    fails with what the server printed.
    """

    def __init__(self, home, settings=None, certificate=None):
        self.home = pathlib.Path(home)
        self.settings = {"PORT": "0", **(settings or {})}
        self.certificate = certificate
        self.binary = server_binary()
        self.process = None
        self.port = None
        self.output = []  # every line that every start of this home printed
        self._lines = None

    # -- the command line

    def environment(self, **more):
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        return {**kept, **self.settings, **{name: value for name, value in more.items() if value is not None}}

    def command(self, *arguments, stdin="", settings=None, seconds=60):
        """Runs a subcommand to its end and returns it with `returncode` and `stdout` (standard error included)."""
        done = subprocess.run([self.binary, "--home", str(self.home), *arguments], input=stdin, cwd="/",
                              env=self.environment(**(settings or {})), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=seconds)
        self.output.extend(done.stdout.splitlines())
        return done

    def run(self, *arguments, **keywords):
        done = self.command(*arguments, **keywords)
        assert done.returncode == 0, f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def set_up(self):
        return self.run("--no-input", "setup", seconds=120)

    def create_user(self, name, password, role="user", *flags):
        return self.run("user", "create", name, "--role", role, "--no-force-change", "--password-stdin", *flags,
                        stdin=password + "\n")

    # -- the server

    def start(self, seconds=60):
        assert self.process is None
        self.process = subprocess.Popen([self.binary, "--home", str(self.home), "serve"], cwd="/",
                                        env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace")
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout, self._lines), daemon=True)
        self._reader.start()
        line = self.wait_for_line("listening on", seconds)
        self.port = listening_port(line)
        return self

    def _read(self, stream, lines):
        for line in stream:
            self.output.append(line.rstrip("\n"))
            lines.put(line)
        lines.put(None)

    def wait_for_line(self, text, seconds=60):
        deadline = time.monotonic() + seconds
        seen = []
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                code = self.process.poll()
                self.kill()
                raise AssertionError(f"the server never printed '{text}' (exit code {code}):\n" + "".join(seen[-60:]))
            seen.append(line)
            if text in line:
                return line

    def wait(self, seconds=60):
        """Waits for the server to end by itself and returns its exit code."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the server did not end:\n" + "\n".join(self.output[-60:])) from None
        self._reader.join(10)
        self.process = None
        return code

    def terminate(self, seconds=60):
        self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self):
        """What power loss does to the process; its private cluster is told by the kernel to stop."""
        self.process.kill()
        self.process.wait()
        self._reader.join(10)
        self.process = None

    def close(self):
        if self.process is None:
            return
        try:
            code = self.terminate()
        finally:
            if self.process is not None:
                self.kill()
        assert code == 0, f"the server stopped with {code}:\n" + "\n".join(self.output[-60:])

    # -- addresses

    @property
    def secure(self):
        return self.certificate is not None

    def http_address(self):
        return f"{'https' if self.secure else 'http'}://127.0.0.1:{self.port}"

    def socket_address(self):
        return f"{'wss' if self.secure else 'ws'}://127.0.0.1:{self.port}/"

    def tls_context(self):
        return ssl.create_default_context(cafile=str(self.certificate)) if self.secure else None


def listening_port(line):
    """The port in the line `listening on ...`, be it a JSON line or plain text."""
    try:
        fields = json.loads(line)
        if isinstance(fields, dict) and "port" in fields:
            return int(fields["port"])
    except ValueError:
        pass
    return int(re.search(r":(\d+)\b(?!.*:\d)", line.split("listening on", 1)[1]).group(1))


def read_env_file(path):
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs}


def copy_home(source, target, user):
    """A second home with the secrets of the first, as another machine of the same installation would have."""
    target.mkdir(mode=0o700)
    for name in (".env", "config.json"):
        if (source / name).exists():
            shutil.copy2(source / name, target / name)
    if os.getuid() == 0:
        for path in (target, *target.iterdir()):
            shutil.chown(path, user, user)
