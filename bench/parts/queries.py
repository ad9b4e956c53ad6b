"""How long questions take, one at a time, over a filled server."""

import json

from bench.group import Watch
from bench.parts.fill import filled, what_was_sent

REQUESTS = 100
# A question is not asked again after so many seconds.
SECONDS = 40


def run(session, record, spans):
    system, figures = filled(session, spans)
    record({"filled": True, **figures})
    system.start()
    with Watch(system.group) as watch:
        for number in range(session.options.repeats):
            session.say(f"questions, run {number + 1}")
            ask(session, system, what_was_sent(spans), number, REQUESTS, record)
        session.say("reading traces right after their acknowledgement")
        record(visible(session, system, 200))
        record({"peak_mb": round(watch.peak_mb())})
    system.stop()


def ask(session, system, sent, number, requests, record):
    """One round of questions to any system."""
    lines = session.driver.run(
        *("query", "--url", system.url, *system.header_flags(), *sent, "--round", number),
        *("--requests", requests, "--seconds", SECONDS, *_questions(session, system)),
        within=1_800,
    )
    for line in lines:
        record({"system": system.name, "run": number + 1, **line})


def visible(session, system, traces):
    """How long after its acknowledgement a trace can be read."""
    to = ("--url", system.url, *system.header_flags(), "--traces", traces)
    lines = session.driver.run("visible", *to, *_questions(session, system), within=1_800)
    return {"system": system.name, "visible": True, **lines[0]}


def _questions(session, system):
    questions = system.questions()
    if questions is None:
        return []
    file = system.folder / "questions.json"
    file.write_text(json.dumps(questions))
    return ["--cases", file]
