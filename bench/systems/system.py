"""What can be done with any server that is measured."""

import os
import socket
import time

from bench.failure import Failure
from bench.group import Group
from bench.web import Client

READY_WITHIN = 300  # seconds


class System:
    """A server with its data in a folder of its own. It can be started and stopped again and again.

    A subclass says how it is started and asked."""

    name = ""
    version = ""
    # What success means to a sender of spans.
    acknowledged = ""
    # What a gateway does with a call besides passing it on.
    does = ""
    ready_path = ""
    headers = {}

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir()
        self.group = None
        self.port = None
        self.web = None

    def command(self, port, other_port):
        """The command line, for a port of HTTP and another one."""
        raise NotImplementedError

    def environment(self, port, other_port):
        """Variables beside those of this process."""
        return {}

    def spans(self):
        """How many spans can be read now."""
        raise NotImplementedError

    def traces(self):
        """How many calls through it have a trace; `None` where it keeps none."""
        return None

    def questions(self):
        """What `xtask query` asks; `None` where it knows by itself."""
        return None

    def is_sealed(self):
        """Whether everything is where it stays."""
        return True

    def gauges(self):
        """What stands still when nothing is done any more, beside CPU."""
        return None

    def start(self):
        """Seconds from its start to its readiness."""
        self.port, other = _free_ports(2)
        self.web = Client(self.port, self.headers)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TRACEKEEP_")}
        environment = inherited | self.environment(self.port, other)
        began = time.monotonic()
        self.group = Group(
            self.command(self.port, other), environment, self.folder, self.folder / "log"
        )
        while not self.web.is_answered(self.ready_path):
            self.group.check()
            waited = time.monotonic() - began
            if waited > READY_WITHIN:
                raise Failure(f"{self.name} was not ready after {READY_WITHIN} s")
            # Who waits must not slow down who starts.
            time.sleep(0.002 if waited < 2 else 0.05)
        return time.monotonic() - began

    def stop(self):
        if self.group:
            self.group.stop()
            self.group = None

    def kill(self):
        if self.group:
            self.group.kill()
            self.group = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def header_flags(self):
        """For xtask."""
        return [f"--header={name}={value}" for name, value in self.headers.items()]


def _free_ports(count):
    """All are held at once, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
