"""What stands in the cells of a table."""


def number(value):
    """With as many digits as say something."""
    if value is None:
        return "–"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(values):
    """The median, with the least and the greatest of several runs."""
    if not values:
        return "–"
    ordered = sorted(values)
    middle = median(ordered)
    if len(ordered) == 1:
        return number(middle)
    return f"{number(middle)} ({number(ordered[0])} to {number(ordered[-1])})"


def median(values):
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def latencies(part, which=""):
    """The medians of p50, p95 and p99 over the runs, in ms; `which`: what their names begin with."""
    names = (f"{which}p50_ms", f"{which}p95_ms", f"{which}p99_ms")
    return " / ".join(number(part.median(name)) for name in names)


def count(spans):
    """A number of spans, short."""
    return f"{spans / 1e6:g} M" if spans >= 1_000_000 else f"{spans:,}"


def rows(header, lines):
    head = [f"| {' | '.join(header)} |", "|" + "---|" * len(header)]
    return "\n".join([*head, *(f"| {' | '.join(line)} |" for line in lines)])
