"""Arize Phoenix, as `phoenix serve` starts it: one process, SQLite in its working folder."""

from datetime import datetime, timedelta, timezone

from bench.systems.environment import install, version
from bench.systems.system import System

SERIES = """
query ($range: TimeRange!) {
  getProjectByName(name: "default") {
    traceCountByStatusTimeSeries(timeRange: $range, timeBinConfig: {scale: HOUR}) {
      data { timestamp okCount errorCount totalCount }
    }
    traceLatencyMsPercentileTimeSeries(timeRange: $range, timeBinConfig: {scale: HOUR}) {
      data { timestamp p50 p95 p99 }
    }
    traceTokenCostTimeSeries(timeRange: $range, timeBinConfig: {scale: HOUR}) {
      data { timestamp totalCost }
    }
  }
}
"""


class Phoenix(System):
    name = "Phoenix"
    acknowledged = "in memory; written later, without syncing (`synchronous = OFF`)"
    ready_path = "/readyz"

    def __init__(self, folder):
        super().__init__(folder)
        self._programs = install("phoenix")
        self.version = version(self._programs, "arize-phoenix")

    def command(self, port, other_port):
        return [self._programs / "phoenix", "serve"]

    def environment(self, port, other_port):
        return {
            "PHOENIX_WORKING_DIR": str(self.data),
            "PHOENIX_HOST": "127.0.0.1",
            "PHOENIX_PORT": str(port),
            "PHOENIX_GRPC_PORT": str(other_port),
            "PHOENIX_TELEMETRY_ENABLED": "false",
            "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false",
        }

    def spans(self):
        query = '{ getProjectByName(name: "default") { recordCount } }'
        return self.web.json("/graphql", {"query": query})["data"]["getProjectByName"]["recordCount"]

    def questions(self):
        traces = "/v1/projects/default/traces?limit=100"
        now = datetime.now(timezone.utc)
        time_range = {
            "start": (now - timedelta(days=30)).isoformat(),
            "end": (now + timedelta(hours=1)).isoformat(),
        }
        hourly = {"query": SERIES, "variables": {"range": time_range}}
        in_series = "/data/getProjectByName/traceLatencyMsPercentileTimeSeries/data"
        return [
            {
                "name": "trace by id",
                "path": "/v1/projects/default/spans?limit=100&trace_id={trace_id}",
                "list": "/data",
                "least": 5,
            },
            {"name": "newest 100 with totals", "path": traces, "list": "/data", "least": 100},
            {
                "name": "newest 100 that failed",
                "path": traces + "&filter=error_count%20%3E%200",
                "list": "/data",
                "least": 1,
            },
            {
                "name": "dashboard by hour",
                "path": "/graphql",
                "body": hourly,
                "list": in_series,
                "least": 24 * 30,
            },
        ]
