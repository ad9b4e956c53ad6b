"""Tracekeep as a gateway: the customary variables name the provider."""

from bench.systems.tracekeep import Tracekeep


class TracekeepGateway(Tracekeep):
    does = "traces each call, synced to the disk behind its answer; checks the key"

    def __init__(self, folder, options, provider, flags=()):
        super().__init__(folder, options, flags)
        self._provider = provider

    def environment(self, port, other_port):
        provider = {"OPENAI_API_KEY": "sk-stub", "OPENAI_BASE_URL": self._provider.api}
        return super().environment(port, other_port) | provider

    def traces(self):
        """How many calls have a trace that says that they were answered."""
        return self.count("status=success")
