"""Runs parts of the benchmark, keeps their figures, and writes them into docs/benchmarks.md."""

import signal
import sys

from bench import render
from bench.failure import Failure
from bench.options import Options
from bench.parts import PARTS
from bench.results import Results
from bench.session import Session


def main(arguments):
    options = Options.read(arguments, list(PARTS))
    results = Results(options.results)
    if options.parts == ["render"]:
        print(render.write(results))
        return
    # So that what runs is taken down.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: told to stop"))
    failed = []
    with Session(options) as session:
        for part in options.parts:
            session.say(f"=== {part}")
            try:
                with results.part(part, session.facts(part)) as record:
                    PARTS[part](session, record)
            except Failure as failure:
                # The other parts are still worth measuring.
                session.say(f"=== {part} failed: {failure}")
                failed.append(part)
    print(render.write(results))
    if failed:
        raise Failure(f"these parts failed and keep their former figures: {', '.join(failed)}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit("bench: interrupted")
