import os
import unittest
from pathlib import Path
from unittest import mock

from bench.failure import Failure
from bench.options import Options

KNOWN = ["ingest", "queries", "gate", "gate-one", "peers-one", "peers-two", "queries-long"]


def read(*arguments, **environment):
    with mock.patch.dict(os.environ, environment, clear=False):
        return Options.read(arguments, KNOWN)


class OptionsTest(unittest.TestCase):
    def test_all_parts_that_do_not_take_long_are_measured(self):
        self.assertEqual(read(LONG="").parts, KNOWN[:6])
        self.assertEqual(read(LONG="1").parts, KNOWN)

    def test_a_name_stands_for_a_part_or_for_those_that_begin_so(self):
        self.assertEqual(read("queries").parts, ["queries"])
        self.assertEqual(read("peers").parts, ["peers-one", "peers-two"])
        self.assertEqual(read("gate").parts, ["gate"])
        with self.assertRaisesRegex(Failure, "nothing is no part"):
            read("nothing")

    def test_a_folder_with_a_slash_holds_the_binaries(self):
        options = read("/opt/release", "ingest")
        self.assertEqual((options.binaries, options.parts), (Path("/opt/release"), ["ingest"]))

    def test_sizes_come_from_the_environment(self):
        self.assertEqual(read(SPANS="7").spans, 7)
        with self.assertRaisesRegex(Failure, "SPANS is `many`"):
            read(SPANS="many")
