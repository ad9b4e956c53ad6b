"""A server and every process that it started: its session. Linux only, as it reads /proc."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from bench.failure import Failure

TICKS = os.sysconf("SC_CLK_TCK")
STOP_WITHIN = 20  # seconds


class Group:
    """Runs until it is stopped or killed."""

    def __init__(self, command, environment, folder, log):
        with open(log, "ab") as output:
            self._leader = subprocess.Popen(
                [str(part) for part in command],
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._log = Path(log)

    def check(self):
        """Fails if the server has ended by itself."""
        code = self._leader.poll()
        if code is not None:
            end = self._log.read_text(errors="replace")[-2_000:]
            raise Failure(f"{self._leader.args[0]} ended with {code}:\n{end}")

    def cpu_seconds(self):
        """Of all processes so far, of children that ended and were waited for as well."""
        return sum(sum(stat.times) for stat in self._stats())

    def resident_mb(self):
        """What the group has in memory. What several processes share counts once: each has its
        share of it (PSS)."""
        pids = [stat.pid for stat in self._stats()]
        if len(pids) == 1:
            return _field(pids[0], "status", "VmRSS")
        return sum(_field(pid, "smaps_rollup", "Pss") for pid in pids)

    def peak_mb(self):
        """The most that a single process ever had in memory; 0 for a group of several."""
        pids = [stat.pid for stat in self._stats()]
        return _field(pids[0], "status", "VmHWM") if len(pids) == 1 else 0.0

    def stop(self):
        """SIGTERM. What does not end in time, or was left behind, is killed."""
        self._leader.send_signal(signal.SIGTERM)
        try:
            self._leader.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            pass
        self.kill()

    def kill(self):
        """SIGKILL, all of them."""
        for _ in range(50):
            living = [stat for stat in self._stats() if stat.state != "Z"]
            if not living:
                break
            for stat in living:
                try:
                    os.kill(stat.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.02)
        self._leader.wait()

    def _stats(self):
        stats = (_Stat.read(name) for name in os.listdir("/proc") if name.isdigit())
        return [stat for stat in stats if stat and stat.session == self._leader.pid]


class _Stat:
    """What /proc/<pid>/stat says."""

    def __init__(self, pid, fields):
        self.pid = pid
        self.state = fields[0]
        self.session = int(fields[3])
        # Its own user and system time, then those of children that were waited for.
        self.times = [int(ticks) / TICKS for ticks in fields[11:15]]

    @classmethod
    def read(cls, pid):
        try:
            # The name stands in brackets and may hold anything.
            text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        except OSError:
            return None
        return cls(int(pid), text.rpartition(")")[2].split())


def _field(pid, file, name):
    """A size in a file of /proc, in MB."""
    try:
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1_024 / 1e6
    except OSError:
        pass  # It has just ended.
    return 0.0


class Watch:
    """Reads a group's memory every second while it is open."""

    def __init__(self, group):
        self._group = group
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.samples = []

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def peak_mb(self):
        """The most that was seen, or that the kernel knows of."""
        return max([*self.samples, self._group.peak_mb()], default=0.0)

    def _run(self):
        while not self._stop.is_set():
            self.samples.append(self._group.resident_mb())
            self._stop.wait(1)
