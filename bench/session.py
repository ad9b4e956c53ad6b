"""What the parts of one call share: a temporary folder, the driver, and a filled server."""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench import machine
from bench.driver import Driver
from bench.systems.tracekeep import KEY, Tracekeep


class Session:
    def __init__(self, options):
        self.options = options
        self.driver = Driver(options.binary("xtask"), KEY)
        # Not in the system's temporary folder, which may be memory: syncing would cost nothing.
        options.results.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix="run-", dir=options.results))
        self._systems = []
        # Filled servers that more than one part uses, by their number of spans.
        self.shared = {}
        self._began = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for system in self._systems:
            system.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def say(self, text):
        """Progress, for who watches."""
        print(f"{time.monotonic() - self._began:7.1f} s  {text}", file=sys.stderr, flush=True)

    def facts(self, part):
        """What the figures of a part are of."""
        names = ("repeats", "spans", "long_spans", "peer_spans", "open_traces", "gateway_calls")
        sizes = {name: getattr(self.options, name) for name in names}
        return {"command": f"tools/bench {part}", **machine.describe(self._folder), **sizes}

    def tracekeep(self, **settings):
        """A new one, with an empty folder. It is not started."""
        return self.keep(Tracekeep(self.folder("tracekeep"), self.options, **settings))

    def keep(self, system):
        """Whatever happens, it is killed in the end."""
        self._systems.append(system)
        return system

    def drop(self, system):
        """Ends a system and removes what it wrote."""
        system.kill()
        self._systems.remove(system)
        shutil.rmtree(system.folder, ignore_errors=True)

    def folder(self, name):
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._folder))
