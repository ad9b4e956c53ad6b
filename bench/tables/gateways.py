"""What gateways add to the calls of a model, against the targets and side by side."""

from bench.tables.cells import latencies, number, rows, spread

PARTS = ("gateway", "gateway-litellm", "gateway-portkey")
OWN = "gateway"


def table(parts):
    if not any(parts[name].figures for name in PARTS):
        return ""
    measured = {name: parts[name] for name in PARTS if name == OWN or parts[name].figures}
    lines = [
        (what, target, cells[OWN], met, *(cells[name] for name in measured if name != OWN))
        for what, target, met, cells in _lines(measured)
    ]
    titles = [_title(measured[name]) for name in measured if name != OWN]
    return "### Gateway\n\n" + rows(("what", "target", "Tracekeep", "met", *titles), lines)


def _title(part):
    about = part.of(gateway=True).figures[0]
    return f"{about['system']} {about['version']}".strip()


def _lines(measured):
    """What, the target, whether it is met, and a cell for each part."""

    def line(what, cell, target="", is_met=None):
        cells = {name: cell(part) if part.figures else "–" for name, part in measured.items()}
        own = measured[OWN]
        met = {True: "yes", False: "no"}[is_met(own)] if is_met and own.figures else ""
        return what, target, met, cells

    yield line("what it does besides", lambda part: part.of(gateway=True).figures[0]["does"])
    yield line(
        "a call without it, one caller: p50 / p95 / p99, ms",
        lambda part: latencies(part.of(load="one caller", calls="direct")),
    )
    yield line(
        "added to it: p50 / p95 / p99, ms",
        lambda part: latencies(_added(part)),
        "p50 < 0.3 ms, p99 < 2 ms",
        lambda part: _added(part).median("p50_ms") < 0.3 and _added(part).median("p99_ms") < 2,
    )
    yield line(
        "added to the first byte of a stream: p50 / p95 / p99, ms",
        lambda part: latencies(_streamed(part), "first_"),
        "p50 < 0.3 ms",
        lambda part: _streamed(part).median("first_p50_ms") < 0.3,
    )
    yield line(
        f"calls/s, {_callers(measured)} callers",
        lambda part: spread(_many(part).values("requests_per_second")),
        "> 8,000",
        lambda part: _many(part).median("requests_per_second") > 8_000,
    )
    yield line("latency then: p50 / p95 / p99, ms", lambda part: latencies(_many(part)))
    yield line(
        "calls/s without it",
        lambda part: spread(_many(part, "direct").values("requests_per_second")),
    )
    for until in ("answered", "settled"):
        yield line(
            f"its CPU a call until {until}, µs",
            lambda part, name=f"cpu_us_{until}": spread(_many(part).values(name)),
        )
    yield line("peak memory, MB", lambda part: number(part.median("peak_mb")))
    yield line("calls without a trace", _untraced, "0", lambda part: not _missing(part))
    yield line("calls that failed", _failed, "0", lambda part: not _errors(part))
    yield line("start, s", lambda part: number(part.median("start_s")))


def _added(part):
    return part.of(load="one caller", calls="added")


def _streamed(part):
    return part.of(load="one caller, streamed", calls="added")


def _many(part, calls="gateway"):
    return part.of(load="many callers", calls=calls)


def _callers(measured):
    return max(caller for part in measured.values() for caller in _many(part).values("connections"))


def _missing(part):
    traced = part.of(traced=True).figures[0]
    return traced["answered"] - traced["traces"]


def _untraced(part):
    traced = part.of(traced=True).figures[0]
    if traced["traces"] is None:
        return "all"
    return f"{_missing(part):,} of {traced['answered']:,}"


def _errors(part):
    return sum(part.of(calls="gateway").values("errors"))


def _failed(part):
    return f"{_errors(part):,} of {_errors(part) + sum(part.of(calls='gateway').values('requests')):,}"
