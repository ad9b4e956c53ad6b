"""LiteLLM's proxy, as `litellm` starts it: a worker a core, a master key, no database."""

import os

from bench.systems.environment import install, version
from bench.systems.system import System
from bench.systems.tracekeep import KEY

CONFIG = """\
model_list:
  - model_name: gpt-4o-mini
    litellm_params:
      model: openai/gpt-4o-mini
      api_base: {api}
      api_key: sk-stub
"""


class Litellm(System):
    name = "LiteLLM"
    does = "traces nothing; counts tokens and costs; checks the key"
    ready_path = "/health/liveliness"

    def __init__(self, folder, provider):
        super().__init__(folder)
        self._provider = provider
        self._programs = install("litellm")
        self.version = version(self._programs, "litellm")

    def command(self, port, other_port):
        config = self.folder / "config.yaml"
        config.write_text(CONFIG.format(api=self._provider.api))
        to = ["--host", "127.0.0.1", "--port", port, "--num_workers", os.cpu_count()]
        return [self._programs / "litellm", "--config", config, *to]

    def environment(self, port, other_port):
        return {
            # The driver calls with it.
            "LITELLM_MASTER_KEY": KEY,
            # Prices come from the package, not from the network.
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "NO_PROXY": "127.0.0.1",
        }
