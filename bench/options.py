"""What to measure, and how much: the command line and the environment."""

import os
from dataclasses import dataclass
from pathlib import Path

from bench.failure import Failure

USAGE = "call tools/bench [FOLDER OF THE BINARIES] [render | PART...] with parts of "


@dataclass(frozen=True)
class Options:
    """Sizes come from variables of the same name in capitals."""

    parts: list
    binaries: Path
    results: Path
    repeats: int
    spans: int
    long_spans: int
    peer_spans: int
    open_traces: int
    open_rate: int
    lifecycle_rate: int
    gateway_calls: int
    gateway_seconds: int

    @classmethod
    def read(cls, arguments, known):
        """Without a part, all that do not take long; with LONG=1, all."""
        arguments = list(arguments)
        target = Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/tracekeep/target"))
        binaries = target / "release"
        if arguments and "/" in arguments[0]:
            binaries = Path(arguments.pop(0))
        is_long = os.environ.get("LONG", "") not in ("", "0")
        usual = [part for part in known if is_long or not part.endswith("-long")]
        parts = ["render"] if arguments == ["render"] else _parts(arguments, known) or usual
        return cls(
            parts=parts,
            binaries=binaries.resolve(),
            results=Path(os.environ.get("BENCH_RESULTS", target / "bench")),
            repeats=_number("REPEATS", 3),
            spans=_number("SPANS", 1_000_000),
            long_spans=_number("LONG_SPANS", 10_000_000),
            peer_spans=_number("PEER_SPANS", 20_000),
            open_traces=_number("OPEN_TRACES", 100_000),
            open_rate=_number("OPEN_RATE", 3_000),
            lifecycle_rate=_number("LIFECYCLE_RATE", 2_000),
            gateway_calls=_number("GATEWAY_CALLS", 3_000),
            gateway_seconds=_number("GATEWAY_SECONDS", 10),
        )

    def binary(self, name):
        path = self.binaries / name
        if not os.access(path, os.X_OK):
            raise Failure(f"{path} is not there; build it with `make bench`, or name its folder")
        return path


def _parts(names, known):
    """A name that is no part stands for all parts that begin so."""
    parts = []
    for name in names:
        meant = [name] if name in known else [p for p in known if p.startswith(name + "-")]
        if not meant:
            raise Failure(f"{name} is no part; {USAGE}{', '.join(known)}")
        parts += meant
    return parts


def _number(name, default):
    text = os.environ.get(name, str(default))
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise Failure(f"{name} is `{text}`; set it to a whole number above 0")
    return number
