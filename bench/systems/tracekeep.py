"""Tracekeep, as it is unless a part says otherwise."""

import re

from bench.failure import Failure
from bench.systems.system import System

KEY = "sk-tk-test-0000"
SPANS_PER_TRACE = 5


class Tracekeep(System):
    name = "Tracekeep"
    acknowledged = "synced to the disk, and readable"
    ready_path = "/api/ready"
    headers = {"authorization": f"Bearer {KEY}"}

    def __init__(self, folder, options, flags=()):
        super().__init__(folder)
        self._binary = options.binary("tracekeep")
        self._flags = flags

    def command(self, port, other_port):
        addresses = ["--listen", f"127.0.0.1:{port}", "--otlp-grpc", f"127.0.0.1:{other_port}"]
        return [self._binary, "serve", "--data", self.data, *addresses, *self._flags]

    def environment(self, port, other_port):
        return {
            "TRACEKEEP_INIT_PROJECT_ID": "bench",
            "TRACEKEEP_INIT_PROJECT_NAME": "bench",
            "TRACEKEEP_INIT_PROJECT_PUBLIC_KEY": "pk-tk-test-0000",
            "TRACEKEEP_INIT_PROJECT_SECRET_KEY": KEY,
        }

    def spans(self):
        """A trace is readable whole or not at all, as a request is taken whole or not at all."""
        return self.count() * SPANS_PER_TRACE

    def count(self, which=""):
        """How many traces the list has; `which`: its parameters."""
        status, headers, body = self.web.send(f"/api/tracing/list?limit=1&{which}".rstrip("&"))
        if status != 200:
            raise Failure(f"the list was answered {status}: {body[:300]!r}")
        return int(headers["x-total-count"])

    def header_flags(self):
        return []  # xtask has the key.

    def is_sealed(self):
        return self._metrics()["memory_spans"] == 0

    def gauges(self):
        metrics = self._metrics()
        names = ("memory_spans", "stored_spans", "stored_bytes", "segments", "journal_bytes")
        return {name: metrics[name] for name in names}

    def _metrics(self):
        _, _, text = self.web.send("/metrics")
        found = re.findall(r"^tracekeep_(\w+) ([0-9.e+]+)$", text.decode(), re.MULTILINE)
        return {name: float(value) for name, value in found}
