import json
import tempfile
import unittest
from pathlib import Path

from bench import render
from bench.failure import Failure
from bench.results import Results

FACTS = {
    "cores": 2,
    "cpu": "a CPU",
    "memory_gib": 24,
    "kernel": "6.1",
    "file_system": "ext4",
    "sync_ms": 0.2,
    "date": "2026-11-22 12:00 UTC",
    "commit": "abcdef0",
    "spans": 1_000_000,
}
LOAD = {
    "system": "Tracekeep",
    "version": "",
    "acknowledged": "synced",
    "spans": 20_000,
    "accepted_per_s": 61_000,
    "readable_per_s": 60_000,
    "readable_delay_s": 0.02,
    "request_p50_ms": 30,
    "request_p99_ms": 90,
    "retries": 0,
    "cpu_us_accepted": 20,
    "cpu_us_readable": 20,
    "cpu_us_sealed": 24,
    "cpu_us_settled": 50,
    "peak_mb": 350,
    "settled_mb": 160,
    "disk_per_span": 300,
    "disk_per_span_without_journal": 240,
}


class RenderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.page = self.folder / "page.md"
        self.page.write_text(f"before\n\n{render.BEGIN}\nold\n{render.END}\n\nafter\n")

    def measured(self, part, *figures):
        lines = [{"part": part, "command": f"tools/bench {part}", **FACTS}, *figures]
        path = self.folder / f"{part}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    def write(self):
        return render.write(Results(self.folder), self.page)

    def test_only_what_is_between_the_marks_changes(self):
        self.assertIn("Not measured yet: ingest, masking,", self.write())
        first = self.page.read_text()
        self.assertTrue(first.startswith(f"before\n\n{render.BEGIN}\n"))
        self.assertTrue(first.endswith(f"{render.END}\n\nafter\n"))
        self.assertNotIn("old", first)
        self.write()
        self.assertEqual(self.page.read_text(), first)
        self.page.write_text("no marks")
        with self.assertRaisesRegex(Failure, "lacks the marks"):
            self.write()

    def test_a_target_is_met_by_the_median_of_the_runs(self):
        slower = LOAD | {"accepted_per_s": 55_000, "cpu_us_sealed": 30}
        prose = LOAD | {"corpus": "prose", "accepted_per_s": 50_000}
        words = [run | {"corpus": "synthetic"} for run in (LOAD, slower, LOAD)]
        self.measured("ingest", *words, prose)
        self.measured("masking", LOAD | {"corpus": "synthetic", "cpu_us_accepted": 17})
        text = self.write()
        self.assertIn("61,000 (55,000 to 61,000) spans/s | yes |", text)
        self.assertIn("50,000 spans/s | no |", text)
        self.assertIn("| ≤ 25 µs | 24 (24 to 30) µs | yes |", text)
        self.assertIn("| ≤ 45 µs | 50 (50 to 50) µs | no |", text)
        machine = "2 cores of a CPU, 24 GiB of memory, Linux 6.1, ext4. A synced write"
        self.assertEqual(text.count(machine), 1)
        self.assertIn("| of it for masking | ≤ 10 µs | 3 µs | yes |", text)
        self.assertIn("| `tools/bench ingest` | 2026-11-22 12:00 UTC | abcdef0 |", text)

    def test_calls_with_errors_do_not_meet_their_target(self):
        run = {"rate": 2_000, "all": {"p50_ms": 0.5, "p99_ms": 5}, "calls_per_second": 2_000}
        self.measured("lifecycle", run | {"errors": 0})
        self.assertIn("p50 0.50 ms, p99 5 ms | yes |", self.write())
        self.measured("lifecycle", run | {"errors": 1})
        self.assertIn("p50 0.50 ms, p99 5 ms, 1 errors | no |", self.write())

    def test_lost_spans_are_told(self):
        self.measured("startup", {"unsealed": 50_000, "start_s": 0.5, "lost": 3})
        self.assertIn("| 0 lost | 0.50 s, 3 spans lost | no |", self.write())

    def test_questions_stand_side_by_side_and_failures_are_told(self):
        answer = {"case": "trace by id", "p50_ms": 2, "p95_ms": 3, "p99_ms": 4}
        visible = {"visible": True, "traces": 5, "at_once": 5, **answer, "case": None}
        filled = {"filled": True, "spans": 1_000_000}
        self.measured("queries", filled, answer, answer | {"p50_ms": 4}, visible)
        failed = {"case": "trace by id", "error": "no | answer"}
        long = {"filled": True, "spans": 10_000_000, "peak_mb": 390, "settled_mb": 200}
        self.measured("queries-long", long, failed, visible, {"peak_mb": 500})
        text = self.write()
        self.assertIn("| 1 M spans: p50 / p95 / p99, ms | 10 M spans: p50 / p95 / p99, ms |", text)
        expected = "| trace by id | p50 < 10 ms | 3 / 3 / 4 | failed: no / answer |"
        self.assertEqual(text.count(expected), 1)
        self.assertIn("| peak memory while asked |  | – | 500 MB |", text)
        self.assertIn("| peak memory, 10 M spans | flat | 390 MB; 200 MB afterwards |", text)

    def test_a_ratio_above_one_says_that_tracekeep_is_better(self):
        start = {"startup": True, "start_s": 0.5}
        self.measured("peers-tracekeep", {"ingest": True, **LOAD}, start)
        other = {"ingest": True, **LOAD, "system": "Other", "version": "1.2", "peak_mb": 700}
        other |= {"readable_per_s": 100, "disk_per_span": 150}
        self.measured("peers-mlflow", other, start | {"start_s": 25})
        text = self.write()
        self.assertIn("| what | Tracekeep | Other 1.2 | against Other 1.2 |", text)
        self.assertIn("| readable, spans/s | 60,000 | 100 | 600 times |", text)
        self.assertIn("| peak memory, MB | 350 | 700 | 2 times |", text)
        self.assertIn("| disk a span, bytes | 300 | 150 | 0.50 times |", text)
        self.assertIn("| start with these spans, s | 0.50 | 25 | 50 times |", text)

    def test_gateways_stand_side_by_side(self):
        ms = {"p50_ms": 0.2, "p95_ms": 0.4, "p99_ms": 1.5}
        first = {f"first_{name}": value for name, value in ms.items()}
        run = {"requests": 100, "errors": 0, **ms}
        own = [
            {"gateway": True, "system": "Tracekeep", "version": "", "does": "traces", "start_s": 0.1},
            {"load": "one caller", "calls": "direct", **run, "p50_ms": 0.1},
            {"load": "one caller", "calls": "gateway", **run},
            {"load": "one caller", "calls": "added", **ms},
            {"load": "one caller, streamed", "calls": "gateway", **run},
            {"load": "one caller, streamed", "calls": "added", **ms, **first, "first_p50_ms": 0.35},
            {
                **{"load": "many callers", "calls": "gateway", "connections": 64, **run},
                **{"requests_per_second": 9_000, "cpu_us_answered": 80, "cpu_us_settled": 90},
            },
            {"traced": True, "answered": 300, "traces": 298},
            {"peak_mb": 120},
        ]
        self.measured("gateway", *own)
        other = [{**own[0], "system": "Other", "version": "1.2", "does": "nothing"}, *own[1:-2]]
        other[2] = {**other[2], "errors": 1}
        untraced = {"traced": True, "answered": 300, "traces": None}
        self.measured("gateway-portkey", *other, untraced, {"peak_mb": 80})
        text = self.write()
        self.assertIn("| what | target | Tracekeep | met | Other 1.2 |", text)
        target = "p50 < 0.3 ms, p99 < 2 ms"
        self.assertIn(f"| {target} | 0.20 / 0.40 / 1.50 | yes | 0.20 / 0.40 / 1.50 |", text)
        self.assertIn("| p50 < 0.3 ms | 0.35 / 0.40 / 1.50 | no |", text)
        self.assertIn("| calls/s, 64 callers | > 8,000 | 9,000 | yes | 9,000 |", text)
        self.assertIn("| calls/s without it |  | – |  | – |", text)
        self.assertIn("| calls without a trace | 0 | 2 of 300 | no | all |", text)
        self.assertIn("| calls that failed | 0 | 0 of 300 | yes | 1 of 301 |", text)

    def test_gateways_are_shown_without_tracekeep_too(self):
        about = {"gateway": True, "system": "Other", "version": "1.2", "does": "nothing"}
        many = {"load": "many callers", "calls": "gateway", "connections": 64, "requests": 5}
        many |= {"errors": 0, "requests_per_second": 400}
        traced = {"traced": True, "answered": 5, "traces": None}
        self.measured("gateway-litellm", about, many, traced)
        text = self.write()
        self.assertIn("| calls/s, 64 callers | > 8,000 | – |  | 400 |", text)
        self.assertIn("| calls without a trace | 0 | – |  | all |", text)
