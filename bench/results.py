"""Figures as lines of JSON: a file a part, so that parts can be measured one at a time."""

import json
import os
import statistics
from contextlib import contextmanager


class Results:
    def __init__(self, folder):
        self._folder = folder

    @contextmanager
    def part(self, name, facts):
        """Gives a function that records figures. The file of the last time is replaced when all are
        there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}.jsonl"
        unfinished = path.with_suffix(".unfinished")
        with open(unfinished, "w", encoding="utf-8") as file:

            def record(figures):
                file.write(json.dumps(figures) + "\n")
                file.flush()
                print(json.dumps(figures), flush=True)

            record({"part": name, **facts})
            yield record
        os.replace(unfinished, path)

    def read(self, name):
        """The facts and the figures of a part; nothing if it was not measured yet."""
        path = self._folder / f"{name}.jsonl"
        if not path.exists():
            return Part(None, [])
        facts, *figures = [json.loads(line) for line in path.read_text().splitlines()]
        return Part(facts, figures)


class Part:
    def __init__(self, facts, figures):
        self.facts = facts
        self.figures = figures

    def of(self, **wanted):
        """The figures that have these values."""
        fits = lambda figure: all(figure.get(name) == value for name, value in wanted.items())
        return Part(self.facts, [figure for figure in self.figures if fits(figure)])

    def values(self, name):
        return [figure[name] for figure in self.figures if figure.get(name) is not None]

    def median(self, name):
        values = self.values(name)
        return statistics.median(values) if values else None

    def __len__(self):
        return len(self.figures)
