import tempfile
import unittest
from pathlib import Path

from bench import disk


class DiskTest(unittest.TestCase):
    def test_sizes_are_what_files_take_from_the_disk(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "journal/deep").mkdir(parents=True)
            (folder / "journal/deep/a").write_bytes(b"x" * 300_000)
            (folder / "control.db").write_bytes(b"x")
            disk.forget(folder)  # Nothing is lost by it.
            sizes = disk.sizes(folder)
            self.assertEqual((folder / "control.db").read_bytes(), b"x")
        self.assertEqual(sorted(sizes), ["all", "control.db", "journal"])
        self.assertGreaterEqual(sizes["journal"], 300_000)
        self.assertEqual(sizes["all"], sizes["journal"] + sizes["control.db"])
