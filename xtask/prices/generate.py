"""Writes the price book's data, or with --check says what of it is not as the pinned packages give.

    python3 xtask/prices/generate.py [--check]
"""

import json
import sys
from pathlib import Path

from compare import REASONS, differences
from merge import merge
from report import report

ROOT = Path(__file__).resolve().parents[2]
DATA = "crates/prices/data/prices.json"
REPORT = "docs/prices/disagreements.md"
DIFFERENCES = "e2e/python/price_differences.json"
MOST_BYTES = 1_500_000


def files():
    """Every generated file's text, by its path."""
    merged = merge()
    found = differences(merged)
    data = _lines(merged.data)
    if len(data) > MOST_BYTES:
        raise SystemExit(f"{DATA} would have {len(data)} bytes, more than {MOST_BYTES}")
    listed = {"reasons": REASONS, "litellm": dict(sorted(found.items()))}
    return {DATA: data, REPORT: report(merged, found), DIFFERENCES: _differences(listed)}


def _lines(data):
    """One line a provider and a model, so that a change of a price is a change of a line."""
    compact = {"ensure_ascii": False, "separators": (",", ":")}
    providers = (f"{json.dumps(name)}:{json.dumps(facts, **compact)}" for name, facts in sorted(data["providers"].items()))
    # The order of a provider's models is kept: the first pattern that matches counts.
    models = sorted(data["models"], key=lambda m: (m["provider"], m["source"] != "genai-prices"))
    exact = sorted((m for m in models if "match" not in m), key=lambda m: (m["provider"], m["id"]))
    models = [m for m in models if "match" in m] + exact
    head = json.dumps({"format": data["format"], "sources": data["sources"]}, **compact)[1:-1]
    rows = ",\n".join(json.dumps(model, **compact) for model in models)
    return f'{{{head},\n"providers":{{\n' + ",\n".join(providers) + f'\n}},\n"models":[\n{rows}\n]}}\n'


def _differences(listed):
    rows = ",\n".join(f"{json.dumps(key)}: {json.dumps(reasons)}" for key, reasons in listed["litellm"].items())
    reasons = json.dumps(listed["reasons"], indent=0)
    return f'{{"reasons": {reasons},\n"litellm": {{\n{rows}\n}}}}\n'


def main(arguments):
    check = arguments == ["--check"]
    if arguments and not check:
        raise SystemExit(__doc__)
    stale = []
    for path, text in files().items():
        file = ROOT / path
        if check:
            if not file.exists() or file.read_text() != text:
                stale.append(path)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            print(f"{path}: {len(text)} bytes")
    if stale:
        raise SystemExit(f"not as the pinned packages give: {', '.join(stale)}; run `xtask prices` and look at the change")


if __name__ == "__main__":
    main(sys.argv[1:])
