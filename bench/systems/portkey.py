"""Portkey's gateway, as its package starts it: one process of Node.js. Requests say where they go."""

import shutil

from bench.systems.environment import install_node, node_version
from bench.systems.system import System

PACKAGE = "@portkey-ai/gateway"


class Portkey(System):
    name = "Portkey"
    does = "traces nothing; checks no key"
    ready_path = "/"

    def __init__(self, folder, provider):
        super().__init__(folder)
        self._packages = install_node("portkey")
        self.version = node_version(self._packages, PACKAGE)
        self.headers = {
            "x-portkey-provider": "openai",
            "x-portkey-custom-host": provider.api,
        }

    def command(self, port, other_port):
        start = self._packages / PACKAGE / "build/start-server.js"
        return [shutil.which("node"), start, f"--port={port}", "--headless"]

    def environment(self, port, other_port):
        return {"NODE_ENV": "production"}
