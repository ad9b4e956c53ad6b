"""Tracekeep against the targets of its design."""

from bench.tables.cells import count, median, number, rows, spread

HEADER = ("what", "target", "measured", "met")


def table(parts):
    lines = [
        *_ingest(parts["ingest"], parts["masking"]),
        *_lifecycle(parts["lifecycle"]),
        *_open(parts["open"]),
        *_startup(parts["startup"]),
        *_startup(parts["startup-long"]),
        *_filled(parts["queries-long"]),
        *_after_kill(parts["startup"]),
    ]
    return "### Against the targets\n\n" + rows(HEADER, lines) if lines else ""


def _line(what, measured, target="", met=None):
    return what, target, measured, {True: "yes", False: "no", None: ""}[met]


def _most(what, values, target, limit, unit):
    """A figure that should not exceed a limit."""
    met = bool(values) and median(values) <= limit
    return _line(what, f"{spread(values)} {unit}", target, met)


def _ingest(part, masking):
    if not part.figures:
        return
    words, prose = part.of(corpus="synthetic"), part.of(corpus="prose")
    size = count(part.facts["spans"])
    for name, runs in (("random words", words), ("prose", prose)):
        rates = runs.values("accepted_per_s")
        met = bool(rates) and median(rates) >= 60_000
        yield _line(
            f"durable OTLP ingest, {size} spans, {name}",
            f"{spread(rates)} spans/s",
            "≥ 60,000 spans/s",
            met,
        )
    delay = f"; all can be read {number(words.median('readable_delay_s'))} s after the last answer"
    yield _line("the same until readable", f"{spread(words.values('readable_per_s'))} spans/s{delay}")
    yield _line(
        "a request of 510 spans",
        f"p50 {number(words.median('request_p50_ms'))} ms, "
        f"p99 {number(words.median('request_p99_ms'))} ms",
    )
    yield _line("requests told to come again", spread(words.values("retries")))
    yield _line("server CPU a span, accepted", f"{spread(words.values('cpu_us_accepted'))} µs")
    sealed, settled = words.values("cpu_us_sealed"), words.values("cpu_us_settled")
    yield _most("server CPU a span, until sealed", sealed, "≤ 25 µs", 25, "µs")
    yield _most("server CPU a span, until settled", settled, "≤ 45 µs", 45, "µs")
    if masking.figures:
        more = words.median("cpu_us_accepted") - masking.median("cpu_us_accepted")
        yield _line("of it for masking", f"{number(more)} µs", "≤ 10 µs", more <= 10)
    yield _most(f"peak memory, {size} spans", words.values("peak_mb"), "< 400 MB", 399, "MB")
    yield _line("memory afterwards", f"{spread(words.values('settled_mb'))} MB", "flat")
    without = words.median("disk_per_span_without_journal")
    yield _most(
        f"disk a span, random words (without the journal {number(without)})",
        words.values("disk_per_span"),
        "≤ 250 bytes",
        250,
        "bytes",
    )
    without = prose.median("disk_per_span_without_journal")
    yield _line(
        f"disk a span, prose (without the journal {number(without)})",
        f"{spread(prose.values('disk_per_span'))} bytes",
    )


def _lifecycle(part):
    for rate in sorted(set(part.values("rate")), reverse=True):
        runs = part.of(rate=rate)
        p50 = [figure["all"]["p50_ms"] for figure in runs.figures]
        p99 = [figure["all"]["p99_ms"] for figure in runs.figures]
        measured = f"p50 {spread(p50)} ms, p99 {spread(p99)} ms"
        errors = sum(runs.values("errors"))
        if errors:
            measured += f", {errors} errors"
        if rate:
            met = median(p50) < 1 and median(p99) < 10 and not errors
            what = f"lifecycle call, 1,000 connections, {rate:,} calls/s"
            yield _line(what, measured, "p50 < 1 ms, p99 < 10 ms", met)
        else:
            calls = spread(runs.values("calls_per_second"))
            yield _line("the same, as many as go", f"{calls} calls/s, {measured}")


def _open(part):
    steps = [figure for figure in part.figures if "step" in figure]
    if not steps:
        return
    traces = steps[0]["traces"]
    measured = "; ".join(
        f"{step['step']} {number(step['calls_per_second'])} calls/s, p50 {number(step['p50_ms'])} ms, "
        f"p99 {number(step['p99_ms'])} ms"
        + (f", {step['retries']} told to come again" if step["retries"] else "")
        for step in steps
    )
    yield _line(f"{traces:,} traces open at once", measured)
    yield _line("peak memory with them", f"{number(part.median('peak_mb'))} MB")


def _startup(part):
    for files in ("cached", "not cached"):
        runs = part.of(files=files)
        if not runs.figures:
            continue
        spans = runs.figures[0]["spans"]
        what = f"start with {count(spans)} spans, files {files}"
        measured = f"{spread(runs.values('start_s'))} s, then {spread(runs.values('resident_mb'))} MB"
        if spans >= 10_000_000:
            yield _line(what, measured, "< 1 s", runs.median("start_s") < 1)
        else:
            yield _line(what, measured)


def _filled(part):
    for figure in part.of(filled=True).figures:
        measured = f"{number(figure['peak_mb'])} MB; {number(figure['settled_mb'])} MB afterwards"
        yield _line(f"peak memory, {count(figure['spans'])} spans", measured, "flat")


def _after_kill(part):
    runs = [figure for figure in part.figures if "unsealed" in figure]
    if runs:
        what = f"start after `kill -9` with {runs[0]['unsealed']:,} spans not sealed"
        lost = sum(figure["lost"] for figure in runs)
        times = spread([figure["start_s"] for figure in runs])
        yield _line(what, f"{times} s, {lost} spans lost", "0 lost", lost == 0)
