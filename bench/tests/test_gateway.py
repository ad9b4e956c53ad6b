import unittest
from types import SimpleNamespace
from unittest import mock

from bench.parts import gateway


class Driver:
    """Answers as xtask does, and notes what it was called with."""

    def __init__(self, requests):
        self._requests = requests
        self.calls = []

    def run(self, task, *arguments, within):
        self.calls.append([task, *map(str, arguments)])
        lines = [{"calls": "gateway", "requests": self._requests}]
        if "--direct" in arguments:
            lines += [{"calls": "direct"}, {"calls": "added"}]
        return lines


class Server:
    url = "http://gateway"

    def __init__(self, traces):
        self._traces = list(traces)
        self.group = SimpleNamespace(check=lambda: None)

    def header_flags(self):
        return ["--header=to=provider"]

    def traces(self):
        return self._traces.pop(0)


def calls(traces=(), requests=40):
    session = SimpleNamespace(driver=Driver(requests))
    provider = SimpleNamespace(url="http://provider")
    return gateway.Calls(session, Server(traces), provider)


class CallsTest(unittest.TestCase):
    def test_only_what_the_gateway_answered_is_to_have_a_trace(self):
        made = calls()
        made.through("--connections", 8)
        lines = made.beside(100, "--stream")
        self.assertEqual([line["calls"] for line in lines], ["gateway", "direct", "added"])
        self.assertEqual(made.without("--connections", 8)["calls"], "direct")
        self.assertEqual(made.answered, 80)

    def test_the_provider_is_called_without_the_headers_of_the_gateway(self):
        made = calls()
        made.beside(100, "--stream")
        made.without("--connections", 8)
        beside, without = made.session.driver.calls
        to = ["--target", "http://gateway/v1/chat/completions", "--header=to=provider"]
        self.assertEqual(beside[:4], ["gateway", *to])
        direct = beside.index("--direct")
        self.assertEqual(beside[direct + 1], "http://provider/v1/chat/completions")
        self.assertEqual(beside[-3:], ["--requests", "100", "--stream"])
        to = ["--target", "http://provider/v1/chat/completions"]
        self.assertEqual(without, ["gateway", *to, "--connections", "8"])


class TracesTest(unittest.TestCase):
    def count(self, *traces):
        made = calls(traces)
        made.through()
        with mock.patch.object(gateway.time, "sleep"):
            with mock.patch.object(gateway, "TRACED_WITHIN", 0 if len(traces) == 1 else 60):
                return gateway._traces(made)

    def test_traces_that_are_not_written_yet_are_waited_for(self):
        self.assertEqual(self.count(12, 39, 40, 41), 40)

    def test_traces_that_never_come_are_missing(self):
        self.assertEqual(self.count(39), 39)

    def test_a_gateway_without_traces_is_not_waited_for(self):
        self.assertIsNone(self.count(None))
