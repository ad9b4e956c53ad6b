import sys
import tempfile
import time
import unittest
from pathlib import Path

from bench.failure import Failure
from bench.group import Group, Watch

# Starts a child that works as long as it lives, and ignores SIGTERM as such children do.
PARENT = """
import subprocess, sys
work = "import signal\\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\\nwhile True: pass"
subprocess.Popen([sys.executable, "-c", work]).wait()
"""


class GroupTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start(self, code):
        group = Group([sys.executable, "-c", code], None, self.folder, self.folder / "log")
        self.addCleanup(group.kill)
        return group

    def test_children_count_and_end_with_the_group(self):
        group = self.start(PARENT)
        with Watch(group) as watch:
            deadline = time.monotonic() + 20
            while group.cpu_seconds() <= 0.5 and time.monotonic() < deadline:
                time.sleep(0.05)
        self.assertGreater(group.cpu_seconds(), 0.5)
        self.assertGreater(watch.peak_mb(), 1)
        self.assertEqual(len(group._stats()), 2)
        group.stop()
        self.assertEqual([stat for stat in group._stats() if stat.state != "Z"], [])

    def test_the_kernel_remembers_the_peak_of_one_process(self):
        code = "import time\nx = bytearray(100_000_000)\ndel x\nprint(flush=True)\ntime.sleep(60)"
        group = self.start(code)
        deadline = time.monotonic() + 20
        while not (self.folder / "log").read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertGreater(group.peak_mb(), 100)
        self.assertLess(group.resident_mb(), 60)

    def test_a_server_that_ended_says_why(self):
        group = self.start("raise SystemExit('no disk')")
        deadline = time.monotonic() + 20
        with self.assertRaisesRegex(Failure, "ended with 1:\nno disk"):
            while time.monotonic() < deadline:
                group.check()
                time.sleep(0.05)
