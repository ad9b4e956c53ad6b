"""Tracekeep and others under the same load."""

from bench.tables.cells import latencies, number, rows

PARTS = ("peers-tracekeep", "peers-phoenix", "peers-mlflow")
# What of the figures of the load, and whether more of it is better.
LOAD = (
    ("accepted, spans/s", "accepted_per_s", True),
    ("readable, spans/s", "readable_per_s", True),
    ("server CPU a span until readable, µs", "cpu_us_readable", False),
    ("server CPU a span until settled, µs", "cpu_us_settled", False),
    ("peak memory, MB", "peak_mb", False),
    ("disk a span, bytes", "disk_per_span", False),
    ("disk a span without Tracekeep's journal, bytes", "disk_per_span_without_journal", False),
)
QUESTIONS = (
    "trace by id",
    "newest 100 with totals",
    "newest 100 that failed",
    "dashboard by hour",
)


def table(parts):
    measured = [parts[name] for name in PARTS if parts[name].figures]
    loads = [part.of(ingest=True).figures[0] for part in measured]
    if len(measured) < 2:
        return ""
    own = parts["peers-tracekeep"].figures
    titles = [f"{load['system']} {load['version']}".strip() for load in loads]
    ratios = [f"against {title}" for title in titles[1:]] if own else []
    lines = [("what success says", *(load["acknowledged"] for load in loads), *("" for _ in ratios))]
    for what, name, is_more in LOAD:
        values = [load[name] for load in loads]
        lines.append((what, *map(number, values), *_ratios(values, is_more, ratios)))
    for question in QUESTIONS:
        answers = [part.of(case=question) for part in measured]
        cells = [latencies(answer) if answer.values("p50_ms") else "–" for answer in answers]
        values = [answer.median("p50_ms") for answer in answers]
        what = f"{question}: p50 / p95 / p99, ms"
        lines.append((what, *cells, *_ratios(values, False, ratios)))
    lines += _delays(measured, ratios)
    spans = f"{loads[0]['spans']:,} spans of five-span traces over four connections"
    title = f"### Against others, {spans}\n\n"
    return title + rows(("what", *titles, *ratios), lines)


def _delays(measured, ratios):
    seen = [part.of(visible=True) for part in measured]
    values = [part.median("p50_ms") for part in seen]
    what = "a trace after its acknowledgement: p50 / p95 / p99, ms"
    yield what, *map(latencies, seen), *_ratios(values, False, ratios)
    values = [part.of(startup=True).median("start_s") for part in measured]
    yield "start with these spans, s", *map(number, values), *_ratios(values, False, ratios)


def _ratios(values, is_more, ratios):
    """How many times better the first is than each of the others; below 1 it is worse."""
    own, *others = values
    for other, _ in zip(others, ratios):
        if not own or not other:
            yield "–"
        else:
            yield f"{number(own / other if is_more else other / own)} times"
