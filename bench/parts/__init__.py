"""What is measured, a file a part. A part takes the session and a function that records figures.

Each can be measured by itself. `peers` stands for all parts whose names begin so.
"""

from bench.parts import gateway, ingest, lifecycle, open_traces, peers, queries, startup

PARTS = {
    "ingest": ingest.run,
    "masking": ingest.without_masking,
    "queries": lambda session, record: queries.run(session, record, session.options.spans),
    "startup": lambda session, record: startup.run(session, record, session.options.spans),
    "lifecycle": lifecycle.run,
    "open": open_traces.run,
    "gateway": gateway.tracekeep,
    "gateway-litellm": gateway.litellm,
    "gateway-portkey": gateway.portkey,
    "peers-tracekeep": peers.tracekeep,
    "peers-phoenix": peers.phoenix,
    "peers-mlflow": peers.mlflow,
    "queries-long": lambda session, record: queries.run(session, record, session.options.long_spans),
    "startup-long": lambda session, record: startup.run(session, record, session.options.long_spans),
}
