"""A filled server, for the parts that ask it."""

from bench import settle
from bench.group import Watch
from bench.parts.ingest import SEALING

# Of what is sent: its traces can be named again by seed and number.
SEED = 1
DAYS = 30
# Beyond this, encoded requests are not kept ready.
AHEAD_MB = 64


def filled(session, spans):
    """Tracekeep with so many spans, all sealed, spread over 30 days. It is not running. What it took
    to fill it comes along."""
    if spans not in session.shared:
        session.shared[spans] = _fill(session, spans)
    return session.shared[spans]


def what_was_sent(spans):
    """For xtask."""
    return ("--spans", spans, "--seed", SEED, "--days", DAYS)


def _fill(session, spans):
    session.say(f"filling a server with {spans} spans of {DAYS} days")
    system = session.tracekeep(flags=SEALING)
    system.start()
    to = ("--url", system.url + "/v1/traces", "--ahead-mb", AHEAD_MB)
    with Watch(system.group) as watch:
        report = session.driver.run("load", *to, *what_was_sent(spans), within=7_200)[0]
        settle.sealed(system)
        settle.settled(system, 0)
        peak = watch.peak_mb()
    figures = {
        "spans": spans,
        "accepted_per_s": report["spans_per_second"],
        "retries": report["retries"],
        "peak_mb": round(peak),
        "settled_mb": round(system.group.resident_mb()),
        **{name: round(value) for name, value in system.gauges().items()},
    }
    system.stop()
    return system, figures
