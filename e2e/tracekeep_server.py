"""A Tracekeep server of its own for a test: the real binary, on free ports, with its own data."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import requests

PUBLIC_KEY = "pk-tk-test-0000"
SECRET_KEY = "sk-tk-test-0000"
READY_WITHIN = 60  # seconds
STOP_WITHIN = 10  # seconds: the command line's promise
READABLE_WITHIN = 1  # seconds after a call's last byte: the gateway's promise


class Server:
    """Keeps its addresses and its data over restarts. `variables` are added to its environment,
    `settings` is the text of its file."""

    def __init__(self, folder: Path, variables=None, settings=None):
        http, grpc = _free_ports(2)
        self.url = f"http://127.0.0.1:{http}"
        self.grpc = f"127.0.0.1:{grpc}"
        self.headers = {"Authorization": f"Bearer {SECRET_KEY}"}
        self._listen = f"127.0.0.1:{http}"
        self._data = folder / "data"
        self._log = folder / "server.log"
        self._variables = variables or {}
        self._settings = folder / "tracekeep.toml" if settings is not None else None
        if self._settings:
            self._settings.write_text(settings)
        self._process = None

    def start(self):
        command = [os.environ["TRACEKEEP_BIN"], "serve", "--data", str(self._data)]
        command += ["--listen", self._listen, "--otlp-grpc", self.grpc]
        if self._settings:
            command += ["--config", str(self._settings)]
        # What a test calls is on this machine, whatever proxy the machine has.
        here = {"NO_PROXY": "*"}
        environment = os.environ | here | self._variables | {
            "TRACEKEEP_INIT_PROJECT_ID": "demo",
            "TRACEKEEP_INIT_PROJECT_NAME": "demo",
            "TRACEKEEP_INIT_PROJECT_PUBLIC_KEY": PUBLIC_KEY,
            "TRACEKEEP_INIT_PROJECT_SECRET_KEY": SECRET_KEY,
        }
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + READY_WITHIN
        while not self._ready():
            code = self._process.poll()
            if code is not None:
                raise AssertionError(f"the server ended with {code}:\n{self.log()}")
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"not ready within {READY_WITHIN} s:\n{self.log()}")
            time.sleep(0.02)

    def stop(self):
        """SIGTERM: it drains and ends with exit code 0, in time."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"SIGTERM did not end it within {STOP_WITHIN} s:\n{self.log()}")
        self._process = None
        assert code == 0, f"SIGTERM ended it with {code}:\n{self.log()}"

    def kill(self):
        """kill -9"""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def get(self, path, **query):
        return requests.get(self.url + path, params=query, headers=self.headers, timeout=30)

    def trace(self, trace_id):
        """The trace as it is now: no waiting, no second try."""
        reply = self.get(f"/api/traces/{trace_id}")
        assert reply.status_code == 200, f"{trace_id}: {reply.status_code} {reply.text}"
        return reply.json()

    def ended(self, trace_id):
        """The trace of a call whose answer has ended: whole as soon as is promised."""
        deadline = time.monotonic() + READABLE_WITHIN
        while True:
            reply = self.get(f"/api/traces/{trace_id}", content="full")
            if reply.status_code == 200 and reply.json()["trace"]["status"] != "pending":
                return reply.json()
            if time.monotonic() > deadline:
                late = f"{trace_id} has not ended within {READABLE_WITHIN} s"
                raise AssertionError(f"{late}: {reply.text[:2000]}")
            time.sleep(0.01)

    def log(self):
        return self._log.read_text(errors="replace")

    def _ready(self):
        try:
            return requests.get(f"{self.url}/api/ready", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False


def running(folder, variables=None, settings=None):
    """A server while a fixture lasts."""
    server = Server(folder, variables, settings)
    server.start()
    try:
        yield server
        server.stop()
    finally:
        server.kill()


def _free_ports(count):
    """All are held at once, so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [held.getsockname()[1] for held in sockets]
    for held in sockets:
        held.close()
    return ports
