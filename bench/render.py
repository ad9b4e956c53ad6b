"""Writes the figures into docs/benchmarks.md, between two marks. The text around them is by hand."""

from pathlib import Path

from bench.failure import Failure
from bench.parts import PARTS
from bench.tables import gateways, others, questions, tracekeep
from bench.tables.cells import spread

PAGE = Path(__file__).parent.parent / "docs/benchmarks.md"
BEGIN = "<!-- figures: made by tools/bench -->"
END = "<!-- figures end -->"


def write(results, page=PAGE):
    """Gives back what it wrote."""
    text = page.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise Failure(f"{page} lacks the marks `{BEGIN}` and `{END}`; put them back")
    figures = block(results)
    page.write_text(f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}")
    return figures


def block(results):
    parts = {name: results.read(name) for name in PARTS}
    sections = [
        _machine(parts),
        tracekeep.table(parts),
        questions.table(parts),
        gateways.table(parts),
        others.table(parts),
        _origin(parts),
    ]
    return "\n\n".join(section for section in sections if section)


def _machine(parts):
    """Of each machine once; there should be one. How long a synced write took was measured before
    each part."""
    syncs = {}
    for facts in (part.facts for part in parts.values() if part.facts):
        machine = (
            f"{facts['cores']} cores of {facts['cpu']}, {facts['memory_gib']} GiB of memory, Linux "
            f"{facts['kernel']}, {facts['file_system']}"
        )
        syncs.setdefault(machine, []).append(facts["sync_ms"])
    return "\n\n".join(
        f"{machine}. A synced write of 4 KiB takes {spread(taken)} ms here; no acknowledgement can "
        "be faster."
        for machine, taken in syncs.items()
    )


def _origin(parts):
    """What was measured when, of which commit and by which command."""
    rows = [
        f"| `{facts['command']}` | {facts['date']} | {facts['commit']} |"
        for facts in (part.facts for part in parts.values())
        if facts
    ]
    missing = [name for name, part in parts.items() if not part.facts]
    text = ""
    if rows:
        text = "\n".join(["| command | when | commit |", "|---|---|---|", *rows])
    if missing:
        text += f"\n\nNot measured yet: {', '.join(missing)}."
    return text.strip()
