"""What the servers that come from PyPI or npm are installed into: a folder each, outside of the
repository."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from bench.failure import Failure

CACHE = Path.home() / ".cache/tracekeep/bench-peers"
REQUIREMENTS = Path(__file__).parent.parent / "requirements"
INSTALL_WITHIN = 1_200  # seconds


def install(name):
    """The folder of the programs that `requirements/<name>.txt` installs from PyPI."""
    return _install(name, f"{name}.txt", _python) / "bin"


def install_node(name):
    """The folder of the packages that `requirements/<name>.json`, a package.json, installs from npm."""
    if not shutil.which("npm"):
        raise Failure(f"{name} comes from npm, which is not here; install Node.js 18 or later")
    return _install(name, f"{name}.json", _node) / "node_modules"


def version(programs, package):
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return _run([programs / "python", "-c", code]).strip()


def node_version(packages, package):
    return json.loads((packages / package / "package.json").read_text())["version"]


def _install(name, file, commands):
    requirements = REQUIREMENTS / file
    folder = CACHE / name
    installed = folder / "installed.txt"
    if not installed.exists() or installed.read_text() != requirements.read_text():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        for command in commands(folder, requirements):
            _run(command)
        shutil.copyfile(requirements, installed)
    return folder


def _node(folder, requirements):
    folder.mkdir()
    shutil.copyfile(requirements, folder / "package.json")
    yield ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel=error"]


def _python(folder, requirements):
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
