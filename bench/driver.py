"""Calls xtask, which sends the load and measures latencies."""

import json
import subprocess
import threading

from bench.failure import Failure


class Driver:
    def __init__(self, binary, key):
        self._binary = binary
        self._key = key

    def run(self, *arguments, within, on_line=None):
        """The lines of JSON that it prints; each is also handed to `on_line` at once.

        A question that was not answered right is such a line too, so that failure after lines is
        none here; without any line it is one."""
        command = [str(self._binary), *(str(argument) for argument in arguments)]
        process = subprocess.Popen(
            command,
            env={"TRACEKEEP_KEY": self._key},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        errors = []
        reader = threading.Thread(target=lambda: errors.append(process.stderr.read()), daemon=True)
        reader.start()
        clock = threading.Timer(within, process.kill)
        clock.start()
        lines = []
        try:
            for text in process.stdout:
                lines.append(json.loads(text))
                if on_line:
                    on_line(lines[-1])
            code = process.wait()
        finally:
            clock.cancel()
            process.kill()
            process.wait()
            reader.join()
        if code < 0:
            raise Failure(f"`xtask {arguments[0]}` was stopped after {within} s")
        if code and not any("error" in line for line in lines):
            raise Failure(f"`xtask {arguments[0]}` failed: {''.join(errors).strip()}")
        return lines
