"""How long Tracekeep takes to answer, by the number of spans it has."""

from bench.tables.cells import count, latencies, number, rows

# Of the design, in ms, at 10 M spans.
TARGETS = {
    "trace by id": 10,
    "newest 100 with totals": 50,
    "newest 100 without texts": 50,
    "newest 100 of a model": 50,
    "newest 100 that failed": 50,
    "newest 100 of a user": 50,
    "newest 100 of a day": 50,
    "dashboard by hour": 100,
}


def table(parts):
    measured = [part for part in (parts["queries"], parts["queries-long"]) if part.figures]
    if not measured:
        return ""
    # In their order, each once.
    names = list(dict.fromkeys(name for part in measured for name in part.values("case")))
    sizes = [part.of(filled=True).figures[0]["spans"] for part in measured]
    columns = [f"{count(size)} spans: p50 / p95 / p99, ms" for size in sizes]
    lines = [
        (name, f"p50 < {TARGETS[name]} ms" if name in TARGETS else "", *_answers(measured, name))
        for name in names
    ]
    lines.append(("a trace, right after its acknowledgement", "", *map(_visible, measured)))
    lines.append(("peak memory while asked", "", *map(_memory, measured)))
    return "### Questions\n\n" + rows(("question", "target at 10 M", *columns), lines)


def _answers(measured, name):
    return [_answer(part.of(case=name)) for part in measured]


def _answer(part):
    errors = part.values("error")
    return f"failed: {errors[0]}".replace("|", "/") if errors else latencies(part)


def _visible(part):
    seen = part.of(visible=True)
    return f"{latencies(seen)}; {sum(seen.values('at_once'))} of {sum(seen.values('traces'))} at once"


def _memory(part):
    values = [figure["peak_mb"] for figure in part.figures if set(figure) == {"peak_mb"}]
    return f"{number(values[0])} MB" if values else "–"
