"""MLflow, as `mlflow server` starts it: four workers, SQLite."""

import time

from bench.systems.environment import install, version
from bench.systems.system import System

API = "/api/3.0/mlflow/traces"
EXPERIMENT = "0"
DAY_MS = 24 * 60 * 60 * 1_000


class Mlflow(System):
    name = "MLflow"
    acknowledged = "in SQLite"
    ready_path = "/health"
    headers = {"x-mlflow-experiment-id": EXPERIMENT}

    def __init__(self, folder):
        super().__init__(folder)
        self._programs = install("mlflow")
        self.version = version(self._programs, "mlflow")

    def command(self, port, other_port):
        return [
            self._programs / "mlflow",
            "server",
            *("--backend-store-uri", f"sqlite:///{self.data}/mlflow.db"),
            *("--artifacts-destination", self.data / "artifacts"),
            *("--host", "127.0.0.1"),
            *("--port", port),
        ]

    def environment(self, port, other_port):
        return {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}

    def spans(self):
        points = self.web.json(f"{API}/metrics", _metric("SPANS", "span_count", "COUNT"))
        # Without spans there are no points.
        return sum(int(point["values"]["COUNT"]) for point in points.get("data_points", []))

    def questions(self):
        now = int(time.time() * 1_000)
        hourly = _metric("TRACES", "latency", "PERCENTILE") | {
            "time_interval_seconds": 3_600,
            "start_time_ms": now - 30 * DAY_MS,
            "end_time_ms": now + DAY_MS,
        }
        hourly["aggregations"][0]["percentile_value"] = 95
        return [
            {
                "name": "trace by id",
                "path": f"{API}/get?trace_id=tr-{{trace_id}}",
                "list": "/trace/spans",
                "least": 5,
            },
            {
                "name": "newest 100 with totals",
                "path": f"{API}/search",
                "body": _newest(),
                "list": "/traces",
                "least": 100,
            },
            {
                "name": "newest 100 that failed",
                "path": f"{API}/search",
                "body": _newest() | {"filter": "trace.status = 'ERROR'"},
                "list": "/traces",
                "least": 1,
            },
            {
                "name": "dashboard by hour",
                "path": f"{API}/metrics",
                "body": hourly,
                "list": "/data_points",
                "least": 1,
            },
        ]


def _newest():
    experiment = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": EXPERIMENT}}
    order = ["timestamp_ms DESC"]
    return {"locations": [experiment], "max_results": 100, "order_by": order}


def _metric(view, metric, aggregation):
    return {
        "experiment_ids": [EXPERIMENT],
        "view_type": view,
        "metric_name": metric,
        "aggregations": [{"aggregation_type": aggregation}],
    }
