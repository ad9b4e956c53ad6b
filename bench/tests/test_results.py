import tempfile
import unittest
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from bench.results import Results


class ResultsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.results = Results(Path(folder.name) / "new")

    def measure(self, *figures):
        with redirect_stdout(StringIO()):
            with self.results.part("ingest", {"date": "today"}) as record:
                for figure in figures:
                    if figure is None:
                        raise KeyboardInterrupt
                    record(figure)

    def test_figures_are_read_as_they_were_measured(self):
        self.assertEqual(len(self.results.read("ingest")), 0)
        self.measure({"run": 1, "rate": 5}, {"run": 2, "rate": 9}, {"other": 1})
        part = self.results.read("ingest")
        self.assertEqual(part.facts, {"part": "ingest", "date": "today"})
        self.assertEqual(part.values("rate"), [5, 9])
        self.assertEqual(part.median("rate"), 7)
        self.assertEqual(part.of(run=2).figures, [{"run": 2, "rate": 9}])
        self.assertIsNone(part.of(run=3).median("rate"))

    def test_a_part_that_broke_off_leaves_the_last_figures(self):
        self.measure({"rate": 5})
        with self.assertRaises(KeyboardInterrupt):
            self.measure({"rate": 1}, None)
        self.assertEqual(self.results.read("ingest").values("rate"), [5])
