"""Python environments of the servers that come from PyPI, kept outside of the repository."""

import shutil
import subprocess
import sys
from pathlib import Path

from bench.failure import Failure

CACHE = Path.home() / ".cache/tracekeep/bench-peers"
REQUIREMENTS = Path(__file__).parent.parent / "requirements"
INSTALL_WITHIN = 1_200  # seconds


def install(name):
    """The folder of the programs that `requirements/<name>.txt` installs."""
    requirements = REQUIREMENTS / f"{name}.txt"
    folder = CACHE / name
    installed = folder / "installed.txt"
    if not installed.exists() or installed.read_text() != requirements.read_text():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        for command in _commands(folder, requirements):
            _run(command)
        shutil.copyfile(requirements, installed)
    return folder / "bin"


def version(programs, package):
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return _run([programs / "python", "-c", code]).strip()


def _commands(folder, requirements):
    uv = shutil.which("uv")
    if uv:
        python = folder / "bin/python"
        yield [uv, "venv", "--quiet", "--python", sys.executable, folder]
        yield [uv, "pip", "install", "--quiet", "--python", python, "-r", requirements]
    else:
        yield [sys.executable, "-m", "venv", folder]
        pip = [folder / "bin/python", "-m", "pip", "install"]
        yield [*pip, "--quiet", "--disable-pip-version-check", "-r", requirements]


def _run(command):
    command = [str(part) for part in command]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_WITHIN)
    except subprocess.TimeoutExpired as error:
        raise Failure(f"{' '.join(command)} took longer than {INSTALL_WITHIN} s") from error
    if done.returncode:
        raise Failure(f"{' '.join(command)} failed: {done.stderr.strip()[-2_000:]}")
    return done.stdout
