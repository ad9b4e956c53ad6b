"""All providers of models on one port of this machine. They check what they are sent, keep it, and
answer with the recordings under fixtures/llm, or as they are told.

`python stub_providers.py` is for tests in other languages: it prints its address as JSON, ends when
its input does, and takes orders at /stub/… (see `_order`).
"""

import json
import re
import select
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from stub_answers import End, Reply, usual
from stub_checks import AWS, FORMS, form, problem

KEYS = {
    name: f"{name}-key-0000"
    for name in ["openai", "anthropic", "gemini", "cohere", "mistral", "local"]
}
# Where each operation is, as the vendors' SDKs address it below a provider's base address.
ROUTES = {
    "chat": r"/(?P<provider>openai|mistral|local)/v1/chat/completions",
    "responses": r"/(?P<provider>openai)/v1/responses",
    "embeddings": r"/(?P<provider>openai|mistral|local)/v1/embeddings",
    "images": r"/(?P<provider>openai)/v1/images/generations",
    "image_edits": r"/(?P<provider>openai)/v1/images/edits",
    "image_variations": r"/(?P<provider>openai)/v1/images/variations",
    "speech": r"/(?P<provider>openai)/v1/audio/speech",
    "transcriptions": r"/(?P<provider>openai)/v1/audio/transcriptions",
    "translations": r"/(?P<provider>openai)/v1/audio/translations",
    "messages": r"/(?P<provider>anthropic)/v1/messages",
    "count_tokens": r"/(?P<provider>anthropic)/v1/messages/count_tokens",
    "gemini": r"/(?P<provider>gemini)/v1(?:beta)?/models/(?P<model>[^/]+)"
    r":(?P<verb>g|streamG)enerateContent",
    "gemini_count": r"/(?P<provider>gemini)/v1(?:beta)?/models/(?P<model>[^/]+):countTokens",
    "gemini_embed": r"/(?P<provider>gemini)/v1(?:beta)?/models/(?P<model>[^/]+):batchEmbedContents",
    "gemini_embed_one": r"/(?P<provider>gemini)/v1(?:beta)?/models/(?P<model>[^/]+):embedContent",
    "invoke": r"/(?P<provider>bedrock)/model/(?P<model>[^/]+)/invoke",
    "converse": r"/(?P<provider>bedrock)/model/(?P<model>[^/]+)/converse(?P<verb>-stream)?",
    "cohere": r"/(?P<provider>cohere)/v2/chat",
    "cohere_embed": r"/(?P<provider>cohere)/v2/embed",
}
STREAM_VERBS = {"streamG", "-stream"}


@dataclass
class Call:
    """A request that came."""

    provider: str
    operation: str
    model: str
    stream: bool
    path: str
    headers: dict  # names in lower case
    body: bytes
    gone: threading.Event = field(default_factory=threading.Event)  # nobody waits for the rest

    def json(self):
        """The body; of a form nothing."""
        return json.loads(self.body) if self.body.startswith(b"{") else {}

    def form(self):
        """The fields of a form: lists of names of files and their bytes, by the fields' names."""
        return form(self.headers.get("content-type", ""), self.body)

    def said(self):
        """The fields that both forms and JSON have."""
        if self.operation not in FORMS:
            return self.json()
        return {name: values[-1][1].decode("latin-1") for name, values in self.form().items()}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Stub:
    """`calls` came since the last reset; `problems` is what was wrong with them."""

    def __init__(self):
        self._server = Server(("127.0.0.1", 0), type("Handler", (Handler,), {"stub": self}))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self.reset()

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def reset(self):
        with self._lock:
            self.calls, self.problems, self._replies = [], [], []
            self.takes_unknown_fields = False

    def will(self, *replies):
        """The next answers, one a call; the last stays. An answer may be made of the call."""
        with self._lock:
            self._replies = list(replies)

    def base(self, provider):
        """A provider's base address, as its SDK takes it."""
        has_version = provider in ("openai", "mistral", "local")
        return f"{self.url}/{provider}" + ("/v1" if has_version else "")

    @property
    def last(self):
        assert self.calls, "no provider was called"
        return self.calls[-1]

    def take(self, call):
        """Keeps a call and gives its answer."""
        found = problem(call, self.takes_unknown_fields)
        with self._lock:
            self.calls.append(call)
            if found:
                self.problems.append(found)
                return Reply.json({"error": {"message": f"stub: {found}", "type": "stub"}}, 400)
            reply = usual
            if self._replies:
                reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        return reply(call) if callable(reply) else reply

    def refuse(self, path):
        with self._lock:
            self.problems.append(f"there is nothing at {path}")

    def environment(self):
        """The variables that make a server call these providers, as the vendors' SDKs name them."""
        return {
            "OPENAI_API_KEY": KEYS["openai"],
            "OPENAI_BASE_URL": self.base("openai"),
            "ANTHROPIC_API_KEY": KEYS["anthropic"],
            "ANTHROPIC_BASE_URL": self.base("anthropic"),
            "GEMINI_API_KEY": KEYS["gemini"],
            "GOOGLE_GEMINI_BASE_URL": self.base("gemini"),
            "CO_API_KEY": KEYS["cohere"],
            "CO_API_URL": self.base("cohere"),
        }

    def settings(self):
        """The others, in `tracekeep.toml`."""
        providers = [
            {
                "name": "mistral",
                "kind": "mistral",
                "base_url": self.base("mistral"),
                "api_key": KEYS["mistral"],
            },
            {"name": "bedrock", "kind": "bedrock", "base_url": self.base("bedrock"), **AWS},
            {
                "name": "local",
                "kind": "openai_compatible",
                "base_url": self.base("local"),
                "api_key": KEYS["local"],
                "models": ["llama-local"],
            },
            # Nobody listens there.
            {
                "name": "absent",
                "kind": "openai_compatible",
                "base_url": "http://127.0.0.1:1/v1",
                "api_key": "none",
            },
        ]
        tables = []
        for provider in providers:
            lines = [f"{name} = {json.dumps(value)}" for name, value in provider.items()]
            tables.append("\n".join(["[[providers]]", *lines, ""]))
        return "\n".join(tables)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    stub = None

    def do_GET(self):
        self._order(b"")

    def do_POST(self):
        body = self._body()
        if self.path.startswith("/stub/"):
            return self._order(body)
        call = self._call(body)
        if call is None:
            self.stub.refuse(self.path)
            return self._send(
                None, Reply.json({"error": {"message": f"stub: nothing at {self.path}"}}, 404)
            )
        self._send(call, self.stub.take(call))

    def log_message(self, *_):
        pass

    def _body(self):
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _call(self, body):
        path = self.path.split("?")[0]
        headers = {name.lower(): value for name, value in self.headers.items()}
        for operation, pattern in ROUTES.items():
            if match := re.fullmatch(pattern, path):
                parts = match.groupdict()
                call = Call(parts["provider"], operation, "", False, self.path, headers, body)
                said = call.said()
                call.model = unquote(parts.get("model") or said.get("model", ""))
                is_asked = said.get("stream") in (True, "true") or "sse" == said.get("stream_format")
                call.stream = is_asked or parts.get("verb") in STREAM_VERBS
                return call
        return None

    def _send(self, call, reply):
        if reply.pieces:
            self._begin(reply)
        try:
            for number, piece in enumerate(reply.pieces):
                if number and self._waits(call, reply.pause):
                    return
                self._write(reply, piece)
            while reply.end is End.AGAIN and not self._waits(call, reply.pause):
                self._write(reply, reply.pieces[-1])
            while reply.end is End.HANG and not self._waits(call, 0.05):
                pass
        except OSError:
            self._gone(call)
        if reply.end is not End.WHOLE:
            self.close_connection = True
        elif reply.is_stream and not self.close_connection:
            self.wfile.write(b"0\r\n\r\n")

    def _begin(self, reply):
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.is_stream:
            self.send_header("transfer-encoding", "chunked")
        else:
            missing = 1 if reply.end is End.CUT else 0
            self.send_header("content-length", str(len(reply.body) + missing))
        self.end_headers()

    def _write(self, reply, piece):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if reply.is_stream else piece)
        self.wfile.flush()

    def _waits(self, call, seconds):
        """Waits that long, or until nobody waits for the answer any more; whether that is so."""
        readable, _, _ = select.select([self.connection], [], [], seconds)
        if readable and self.connection.recv(1, socket.MSG_PEEK) == b"":
            self._gone(call)
            return True
        if readable:
            time.sleep(seconds)
        return self.stub.closing.is_set()

    def _gone(self, call):
        self.close_connection = True
        if call is not None:
            call.gone.set()

    def _order(self, body):
        """`GET /stub/calls`, `/stub/problems`, `/stub/gone`; `POST /stub/reset`, and `/stub/will` with
        a list of answers `{status?, headers?, events? | body?, pause?, end?}`."""
        stub = self.stub
        if self.path == "/stub/calls":
            names = ["provider", "operation", "model", "stream", "path", "headers"]
            answer = [
                {**{name: getattr(call, name) for name in names}, "body": call.json()}
                for call in stub.calls
            ]
        elif self.path == "/stub/problems":
            answer = stub.problems
        elif self.path == "/stub/gone":
            answer = stub.last.gone.wait(5)
        elif self.path == "/stub/reset":
            answer = stub.reset()
        else:
            answer = stub.will(*[ordered(order) for order in json.loads(body)])
        self._send(None, Reply.json(answer))


def ordered(order):
    """An answer as another language describes it."""
    pause, end = order.get("pause", 0.0), End(order.get("end", "whole"))
    if "events" in order:
        return Reply.stream((event.encode() for event in order["events"]), pause=pause, end=end)
    reply = Reply.json(order.get("body", {}), order.get("status", 200))
    return reply.but(headers={**reply.headers, **order.get("headers", {})}, end=end)


def main():
    with Stub() as stub:
        told = {"url": stub.url, "environment": stub.environment(), "settings": stub.settings()}
        print(json.dumps(told), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
