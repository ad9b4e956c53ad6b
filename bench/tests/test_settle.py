import unittest
from unittest import mock

from bench import settle
from bench.failure import Failure


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.seconds = 0.0

    def monotonic(self):
        return self.seconds

    def sleep(self, seconds):
        self.seconds += seconds


class Server:
    """Works for 20 s after it was loaded; its segments change for 30 s. The spans come one a second."""

    name = "a server"

    def __init__(self, clock):
        self._clock = clock
        self.group = self

    def cpu_seconds(self):
        return min(self._clock.seconds, 20) + 0.01 * self._clock.seconds

    def gauges(self):
        return {"segments": min(self._clock.seconds, 30)}

    def spans(self):
        return int(self._clock.seconds)

    def check(self):
        """It runs."""


class SettleTest(unittest.TestCase):
    def setUp(self):
        self.clock = Clock()
        self.server = Server(self.clock)
        patch = mock.patch.object(settle, "time", self.clock)
        patch.start()
        self.addCleanup(patch.stop)

    def test_a_server_is_settled_when_nothing_changes_and_no_cpu_is_used(self):
        settle.settled(self.server, 0.01)
        self.assertGreaterEqual(self.clock.seconds, 30 + settle.WINDOW)
        self.assertLess(self.clock.seconds, 30 + 3 * settle.WINDOW)

    def test_a_server_that_never_rests_is_given_up(self):
        self.server.cpu_seconds = lambda: self.clock.seconds
        with self.assertRaisesRegex(Failure, "a server was still working after 1200 s"):
            settle.settled(self.server, 0.01)

    def test_rest_is_measured(self):
        self.clock.seconds = 40
        self.assertAlmostEqual(settle.idle(self.server), 0.01)

    def test_spans_are_waited_for(self):
        self.assertGreaterEqual(settle.readable(self.server, 25, within=60), 25)
        self.assertLess(self.clock.seconds, 30)
        with self.assertRaisesRegex(Failure, "of 500 spans can be read after 60 s"):
            settle.readable(self.server, 500, within=60)
