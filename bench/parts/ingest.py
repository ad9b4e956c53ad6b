"""How fast spans are taken in, what that costs, and where it leads."""

import time

from bench import disk, settle
from bench.group import Watch

# Sealing by time as well, so that the last spans are sealed soon. At full load memory is full long
# before, so that nothing changes.
SEALING = ("--seal-seconds", "10")
# The first spans pay for what is made on first use, in each worker. They are not counted: first many
# small requests at once, then some of the size that is measured.
WARM_UPS = (
    ("--spans", 2_000, "--batch", 25, "--connections", 32, "--seed", 9_999_991),
    ("--spans", 2_000, "--seed", 9_999_992),
)
READABLE_WITHIN = 1_800  # seconds


def run(session, record):
    for corpus in ("synthetic", "prose"):
        for number in range(session.options.repeats):
            session.say(f"{session.options.spans} spans of {corpus} text, run {number + 1}")
            system = session.tracekeep(flags=SEALING)
            figures = measure(session, system, session.options.spans, number + 1, corpus)
            record({"corpus": corpus, "run": number + 1, **figures})
            session.drop(system)


def without_masking(session, record):
    for number in range(session.options.repeats):
        session.say(f"{session.options.spans} spans without masking, run {number + 1}")
        system = session.tracekeep(flags=(*SEALING, "--masking", "off"))
        figures = measure(session, system, session.options.spans, number + 1)
        record({"corpus": "synthetic", "run": number + 1, **figures})
        session.drop(system)


def measure(session, system, spans, seed, corpus="synthetic"):
    """Starts a system that is empty, and loads it. It is left running."""
    started = system.start()
    to = ("--url", system.url + "/v1/traces", *system.header_flags())
    load = session.driver.run
    for warm_up in WARM_UPS:
        load("load", *to, *warm_up, within=600)
    idle = at_rest(system)
    before, on_disk = system.spans(), disk.sizes(system.data)
    cpu = system.group.cpu_seconds()
    began = time.monotonic()
    with Watch(system.group) as watch:
        marks = {}

        def mark(name):
            """CPU seconds of the load so far."""
            elapsed = time.monotonic() - began
            used = system.group.cpu_seconds() - cpu - idle * elapsed
            marks[name] = {"after_s": elapsed, "cpu_s": used}

        sizes = ("--spans", spans, "--seed", seed, "--corpus", corpus)
        report = load(
            "load", *to, *sizes, within=3_600, on_line=lambda _: mark("accepted")
        )[0]
        seen = settle.readable(system, before + spans, READABLE_WITHIN)
        mark("readable")
        settle.sealed(system)
        mark("sealed")
        settle.settled(system, idle)
        mark("settled")
        peak = watch.peak_mb()
    delay = marks["readable"]["after_s"] - marks["accepted"]["after_s"]
    return {
        "system": system.name,
        "version": system.version,
        "spans": spans,
        "bytes_sent_per_span": round(report["bytes"] / spans),
        "requests": report["requests"],
        "retries": report["retries"],
        "accepted_per_s": report["spans_per_second"],
        "request_p50_ms": report["p50_ms"],
        "request_p99_ms": report["p99_ms"],
        "readable_per_s": round(spans / (report["seconds"] + delay)),
        "readable_delay_s": round(delay, 3),
        "readable_spans": seen - before,
        **{f"cpu_us_{name}": round(mark["cpu_s"] / spans * 1e6, 1) for name, mark in marks.items()},
        "settled_after_s": round(marks["settled"]["after_s"] - marks["accepted"]["after_s"], 1),
        "idle_share": round(idle, 3),
        "peak_mb": round(peak),
        "settled_mb": round(system.group.resident_mb()),
        **_on_disk(system, on_disk, spans),
        "first_start_s": round(started, 3),
    }


def at_rest(system):
    """Waits for the warm-up to be over. How much a server uses at rest is not known before, so that
    half a core has to do for calm."""
    settle.sealed(system)
    settle.settled(system, 0.5)
    return settle.idle(system)


def _on_disk(system, before, spans):
    after = disk.sizes(system.data)
    taken = {name: bytes_now - before.get(name, 0) for name, bytes_now in after.items()}
    without_journal = taken["all"] - taken.get("journal", 0)
    return {
        "disk_per_span": round(taken["all"] / spans, 1),
        "disk_per_span_without_journal": round(without_journal / spans, 1),
        "disk": after,
    }
