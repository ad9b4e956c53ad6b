"""Start, update and complete over 1,000 open connections."""

from bench.group import Watch

CONNECTIONS = 1_000
SECONDS = 20
# No rate: as fast as answers come.
FLAT_OUT = 0


def run(session, record):
    for number in range(session.options.repeats):
        for rate in (session.options.lifecycle_rate, FLAT_OUT):
            session.say(f"lifecycle calls, {rate or 'as many as go'} a second, run {number + 1}")
            record({"rate": rate, "run": number + 1, **_measure(session, rate)})


def _measure(session, rate):
    system = session.tracekeep()
    system.start()
    before = system.group.cpu_seconds()
    with Watch(system.group) as watch:
        arguments = ("--connections", CONNECTIONS, "--seconds", SECONDS, "--rate", rate)
        lines = session.driver.run("lifecycle", "--url", system.url, *arguments, within=300)
        peak = watch.peak_mb()
    report = lines[0]
    cpu = (system.group.cpu_seconds() - before) / max(1, report["calls"])
    session.drop(system)
    return {**report, "cpu_us_per_call": round(cpu * 1e6, 1), "peak_mb": round(peak)}
