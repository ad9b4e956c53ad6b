"""The same load to others and to Tracekeep, one after the other, on this machine."""

from bench.parts import ingest, queries, startup
from bench.systems.mlflow import Mlflow
from bench.systems.phoenix import Phoenix

SEED = 1
REQUESTS = 30
STARTS = 3
VISIBLE = 20


def tracekeep(session, record):
    _measure(session, session.tracekeep(flags=ingest.SEALING), record)


def phoenix(session, record):
    session.say("installing Phoenix, if that has not happened yet")
    _measure(session, session.keep(Phoenix(session.folder("phoenix"))), record)


def mlflow(session, record):
    session.say("installing MLflow, if that has not happened yet")
    _measure(session, session.keep(Mlflow(session.folder("mlflow"))), record)


def _measure(session, system, record):
    spans = session.options.peer_spans
    session.say(f"{system.name}: {spans} spans")
    figures = ingest.measure(session, system, spans, SEED)
    record({"ingest": True, "acknowledged": system.acknowledged, **figures})
    session.say(f"{system.name}: questions")
    sent = ("--spans", spans, "--seed", SEED)
    queries.ask(session, system, sent, 0, REQUESTS, record)
    record(queries.visible(session, system, VISIBLE))
    system.stop()
    session.say(f"{system.name}: starts")
    startup.times(system, STARTS, lambda start: record({"startup": True, **start}))
    session.drop(system)
