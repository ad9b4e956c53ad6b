"""Many traces open at once."""

from bench.group import Watch

CONNECTIONS = 1_000


def run(session, record):
    traces, rate = session.options.open_traces, session.options.open_rate
    session.say(f"{traces} traces open at once, {rate} calls a second")
    system = session.tracekeep()
    system.start()

    def with_memory(line):
        record({"traces": traces, "rate": rate, **line, "resident_mb": memory()})

    def memory():
        return round(system.group.resident_mb())

    with Watch(system.group) as watch:
        arguments = ("--traces", traces, "--connections", CONNECTIONS, "--rate", rate)
        session.driver.run(
            "open", "--url", system.url, *arguments, within=1_800, on_line=with_memory
        )
        record({"peak_mb": round(watch.peak_mb())})
    session.drop(system)
