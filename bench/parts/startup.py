"""How long a server takes from its start to its readiness."""

import time

from bench import disk
from bench.parts.fill import filled

RUNS = 5
# After a start, before its memory is read.
REST = 1  # seconds
# Spans that a server has acknowledged and not sealed when it is killed.
UNSEALED = 50_000


def run(session, record, spans):
    system, figures = filled(session, spans)
    for files in ("cached", "not cached"):
        session.say(f"starts with {spans} spans, files {files}")
        of = {"files": files, "spans": spans, "journal_bytes": figures["journal_bytes"]}
        times(system, RUNS, lambda start: record({**of, **start}), files)
    after_kill(session, record)


def times(system, runs, record, files="cached"):
    """Starts a stopped server so many times."""
    for number in range(runs):
        if files != "cached":
            disk.forget(system.folder)
        taken = system.start()
        time.sleep(REST)
        started = {"start_s": round(taken, 3), "resident_mb": round(system.group.resident_mb())}
        record({"system": system.name, "run": number + 1, **started})
        system.stop()


def after_kill(session, record):
    """The journal has spans that are in no segment, and all of them must be there again."""
    session.say(f"starts after kill -9 with {UNSEALED} spans not sealed")
    system = session.tracekeep()
    system.start()
    to = ("--url", system.url + "/v1/traces", "--spans", UNSEALED)
    session.driver.run("load", *to, within=600)
    for number in range(RUNS):
        system.kill()
        taken = system.start()
        lost = UNSEALED - system.spans()
        record({"unsealed": UNSEALED, "run": number + 1, "start_s": round(taken, 3), "lost": lost})
    session.drop(system)
