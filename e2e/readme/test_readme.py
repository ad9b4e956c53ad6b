"""The commands in README.md and docs/prices.md do what they say.

A ```sh block right after `<!-- test -->` is run as it stands, with TRACEKEEP_URL and TRACEKEEP_KEY
set. `<!-- expect: key,key -->` after it names JSON keys that its output must contain.
"""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tracekeep_server import SECRET_KEY

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/prices.md")
BLOCK = re.compile(
    r"<!-- test -->\s*\n```sh\n(?P<script>.*?)^```[ \t]*$"
    r"(?:\s*<!-- expect: (?P<keys>[^>]*?) -->)?",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    line: int
    script: str
    keys: tuple


def blocks(text):
    found = []
    for match in BLOCK.finditer(text):
        keys = tuple(key.strip() for key in (match["keys"] or "").split(",") if key.strip())
        line = text.count("\n", 0, match.start("script")) + 1
        found.append(Block(line, match["script"], keys))
    return found


def keys_of(output):
    """Every key of every JSON value in the output, at any depth."""
    keys = set()
    decoder = json.JSONDecoder(object_pairs_hook=lambda pairs: keys.update(dict(pairs)) or dict(pairs))
    at = 0
    while match := re.compile(r"[\[{]").search(output, at):
        try:
            _, at = decoder.raw_decode(output, match.start())
        except json.JSONDecodeError:
            at = match.end()
    return keys


def test_blocks_are_found_with_their_keys():
    text = "\n".join([
        "```sh", "not this", "```",
        "<!-- test -->", "```sh", "curl one", "curl two", "```", "", "<!-- expect: a, b -->",
        "<!-- test -->", "```sh", "curl three", "```", "words",
    ])
    assert blocks(text) == [
        Block(6, "curl one\ncurl two\n", ("a", "b")),
        Block(13, "curl three\n", ()),
    ]


def test_keys_are_found_at_any_depth():
    assert keys_of('note\n{"a": [{"b": 1}]}\n{"c": {}} [1') == {"a", "b", "c"}


@pytest.mark.parametrize("page", PAGES)
def test_every_marked_command_works(server, page):
    marked = blocks((ROOT / page).read_text())
    assert marked, f"{page} marks no block with <!-- test -->"
    environment = os.environ | {"TRACEKEEP_URL": server.url, "TRACEKEEP_KEY": SECRET_KEY}
    for block in marked:
        run = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.script],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        where = f"{page}:{block.line}"
        if run.returncode != 0:
            pytest.fail(f"{where}: exit code {run.returncode}\n{run.stdout}{run.stderr}")
        missing = set(block.keys) - keys_of(run.stdout)
        assert not missing, f"{where}: no {sorted(missing)} in\n{run.stdout}"
