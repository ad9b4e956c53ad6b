"""The two packages that publish prices: downloaded once in their pinned versions, never imported."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
CACHE = Path.home() / ".cache" / "tracekeep" / "prices"
# litellm's data is the same in the wheel of every platform; one is named, so that its hash is known.
PLATFORM = ["--platform", "manylinux_2_28_x86_64", "--python-version", "3.12", "--only-binary=:all:"]


def pinned():
    """Versions, hashes and dates, by package."""
    return json.loads((HERE / "pinned.json").read_text())


def member(package, path):
    """The text of a file inside a package's wheel."""
    with zipfile.ZipFile(wheel(package)) as archive:
        return archive.read(path).decode()


def wheel(package):
    """The pinned wheel's file, from the cache or else from the package index that pip uses."""
    pin = pinned()[package]
    path = CACHE / pin["wheel"]
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *PLATFORM]
        command += ["--dest", str(CACHE), f"{package}=={pin['version']}"]
        subprocess.run(command, check=True)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != pin["sha256"]:
        raise SystemExit(f"{path} has the hash {found}, pinned.json says {pin['sha256']}")
    return path
