"""Waiting for a server to be done."""

import time

from bench.failure import Failure

# A share of one core. What a server uses above what it uses when idle counts as work.
QUIET = 0.05
# How long nothing must happen, in seconds.
WINDOW = 6
SEALED_WITHIN = 300
SETTLED_WITHIN = 1_200


def idle(system):
    """The share of one core that it uses in a while."""
    before = system.group.cpu_seconds()
    time.sleep(WINDOW)
    return (system.group.cpu_seconds() - before) / WINDOW


def sealed(system):
    """Waits until everything is where it stays."""
    deadline = time.monotonic() + SEALED_WITHIN
    while not system.is_sealed():
        if time.monotonic() > deadline:
            raise Failure(f"{system.name} was not sealed after {SEALED_WITHIN} s")
        time.sleep(0.2)


def settled(system, idle_share):
    """Waits until nothing changes and no more CPU is used than that."""
    deadline = time.monotonic() + SETTLED_WITHIN
    before = system.gauges()
    while True:
        share = idle(system)
        after = system.gauges()
        if after == before and share < idle_share + QUIET:
            return
        if time.monotonic() > deadline:
            raise Failure(f"{system.name} was still working after {SETTLED_WITHIN} s")
        before = after


def readable(system, spans, within):
    """Waits until so many spans can be read. The longer a look takes, the longer it waits for the
    next, so that looking does not keep the server from its work."""
    deadline = time.monotonic() + within
    while True:
        began = time.monotonic()
        seen = system.spans()
        if seen >= spans:
            return seen
        system.group.check()
        if time.monotonic() > deadline:
            raise Failure(f"{system.name}: {seen} of {spans} spans can be read after {within} s")
        time.sleep(min(1, max(0.02, 2 * (time.monotonic() - began))))
