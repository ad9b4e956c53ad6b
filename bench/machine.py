"""The machine that the figures are of."""

import os
import platform
import statistics
import subprocess
import tempfile
import time
from pathlib import Path


def describe(folder):
    """`folder` is where the data goes."""
    return {
        "cores": os.cpu_count(),
        "cpu": _cpu(),
        "memory_gib": round(_memory() / 2**30),
        "kernel": platform.release().split("-")[0],
        "file_system": _output("df", "--output=fstype", folder).split()[-1],
        "sync_ms": _sync_ms(folder),
        "date": _output("date", "-u", "+%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
    }


def _cpu():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _memory():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _sync_ms(folder):
    """How long the disk takes to make 4 KiB durable, in the median: no acknowledgement is faster."""
    taken = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(50):
            began = time.monotonic()
            file.write(bytes(4_096))
            os.fdatasync(file.fileno())
            taken.append(time.monotonic() - began)
    return round(statistics.median(taken) * 1_000, 2)


def _commit():
    """Of the repository; what is built may differ from it, where files were changed."""
    here = Path(__file__).parent
    commit = _output("git", "-C", here, "rev-parse", "--short", "HEAD")
    changed = _output("git", "-C", here, "status", "--porcelain", "--", "../crates", "../Cargo.lock")
    return f"{commit}, changed" if changed else commit


def _output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30).stdout.strip()
    except OSError:
        return ""
