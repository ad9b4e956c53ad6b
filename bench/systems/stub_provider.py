"""What stands behind the gateways: a provider that answers at once and always the same."""

from bench.systems.system import System

TOKENS = 32
PAUSE_MS = 1


class StubProvider(System):
    """Answers of so many tokens. In a stream they come with a pause between them."""

    name = "the stub provider"
    ready_path = "/v1/models"

    def __init__(self, folder, options):
        super().__init__(folder)
        self._binary = options.binary("xtask")

    def command(self, port, other_port):
        answers = ["--tokens", TOKENS, "--pause-ms", PAUSE_MS]
        return [self._binary, "stub-provider", "--listen", f"127.0.0.1:{port}", *answers]

    @property
    def api(self):
        """OpenAI's base URL."""
        return f"{self.url}/v1"
