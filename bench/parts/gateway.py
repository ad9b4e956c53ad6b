"""Calls of a model through a gateway: what it adds to a call, how many it takes, what that costs."""

import time

from bench import settle
from bench.group import Watch
from bench.parts.ingest import SEALING, at_rest
from bench.systems.litellm import Litellm
from bench.systems.portkey import Portkey
from bench.systems.stub_provider import StubProvider
from bench.systems.tracekeep_gateway import TracekeepGateway

PATH = "/v1/chat/completions"
# Callers at once, where throughput is measured.
CALLERS = 64
# A stream takes longer than an answer in one piece.
CALLS_A_STREAM = 8
# Not counted: what is made for the first time is made here, in each worker.
WARM_UPS = (
    ("--connections", 8, "--requests", 1_000, "--seconds", 30),
    ("--connections", 8, "--requests", 200, "--seconds", 30, "--stream"),
)
# For so long a call may be without its trace.
TRACED_WITHIN = 60  # seconds


def tracekeep(session, record):
    def gateway(provider):
        folder = session.folder("tracekeep")
        return TracekeepGateway(folder, session.options, provider, flags=SEALING)

    _measure(session, record, gateway)


def litellm(session, record):
    session.say("installing LiteLLM, if that has not happened yet")
    _measure(session, record, lambda provider: Litellm(session.folder("litellm"), provider))


def portkey(session, record):
    session.say("installing Portkey, if that has not happened yet")
    _measure(session, record, lambda provider: Portkey(session.folder("portkey"), provider))


def _measure(session, record, gateway):
    provider = session.keep(StubProvider(session.folder("provider"), session.options))
    provider.start()
    system = session.keep(gateway(provider))
    started = system.start()
    names = {"system": system.name, "version": system.version, "does": system.does}
    record({"gateway": True, **names, "start_s": round(started, 3)})
    calls = Calls(session, system, provider)
    with Watch(system.group) as watch:
        for warm_up in WARM_UPS:
            calls.through(*warm_up)
        idle = at_rest(system)
        for number in range(session.options.repeats):
            session.say(f"{system.name}: calls, run {number + 1}")
            for figures in _run(calls, idle):
                record({"system": system.name, "run": number + 1, **figures})
        record({"traced": True, "answered": calls.answered, "traces": _traces(calls)})
        record({"peak_mb": round(watch.peak_mb()), "idle_share": round(idle, 3)})
    session.drop(system)
    session.drop(provider)


def _run(calls, idle):
    """The figures of one round."""
    many = calls.session.options.gateway_calls
    for line in calls.beside(many):
        yield {"load": "one caller", **line}
    for line in calls.beside(max(1, many // CALLS_A_STREAM), "--stream"):
        yield {"load": "one caller, streamed", **line}
    seconds = ("--seconds", calls.session.options.gateway_seconds)
    flat_out = ("--connections", CALLERS, "--requests", 10**9, *seconds)
    yield {"load": "many callers", **calls.without(*flat_out)}
    yield {"load": "many callers", **_with_cpu(calls, idle, flat_out)}


def _with_cpu(calls, idle, load):
    """CPU includes what is still done after the last answer, such as writing traces."""
    group = calls.system.group
    before, began = group.cpu_seconds(), time.monotonic()

    def used():
        return group.cpu_seconds() - before - idle * (time.monotonic() - began)

    figures = calls.through(*load)
    answered = used()
    _traces(calls)
    settle.sealed(calls.system)
    settle.settled(calls.system, idle)
    cpu = {"cpu_us_answered": answered, "cpu_us_settled": used()}
    requests = figures["requests"]
    return {**figures, **{name: round(s / requests * 1e6, 1) for name, s in cpu.items()}}


def _traces(calls):
    """How many calls have a trace, after waiting for those that have none yet."""
    deadline = time.monotonic() + TRACED_WITHIN
    while True:
        traces = calls.system.traces()
        if traces is None or traces >= calls.answered or time.monotonic() > deadline:
            return traces
        calls.system.group.check()
        # Counting is work for the server too, and its CPU is measured.
        time.sleep(1)


class Calls:
    """Calls to a gateway, and to the provider behind it. Counts those that the gateway answered."""

    def __init__(self, session, system, provider):
        self.session = session
        self.system = system
        self.answered = 0
        self._gateway = ("--target", system.url + PATH, *system.header_flags())
        self._provider = provider.url + PATH

    def through(self, *load):
        """The gateway alone."""
        return self._send(*self._gateway, *load)[0]

    def beside(self, requests, *load):
        """One caller, who also calls the provider, in turns."""
        to = (*self._gateway, "--direct", self._provider)
        return self._send(*to, "--connections", 1, "--requests", requests, *load)

    def without(self, *load):
        """The provider alone."""
        line = self._driver("--target", self._provider, *load)[0]
        return {**line, "calls": "direct"}

    def _send(self, *arguments):
        lines = self._driver(*arguments)
        self.answered += lines[0]["requests"]
        return lines

    def _driver(self, *arguments):
        return self.session.driver.run("gateway", *arguments, within=1_200)
