"""One HTTP request at a time, for what is not measured."""

import http.client
import json

from bench.failure import Failure


class Client:
    """Speaks to one server on this machine. No proxy is asked."""

    def __init__(self, port, headers=None):
        self._port = port
        self._headers = headers or {}

    def send(self, path, body=None, timeout=120):
        """Status, headers and body of the answer. With a body it is a POST of JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout)
        try:
            headers = dict(self._headers)
            if body is not None:
                body, headers["content-type"] = json.dumps(body), "application/json"
            connection.request("GET" if body is None else "POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Failure(f"{path} was not answered: {error!r}") from error
        finally:
            connection.close()

    def json(self, path, body=None):
        status, _, answer = self.send(path, body)
        if status != 200:
            raise Failure(f"{path} was answered {status}: {answer[:300]!r}")
        return json.loads(answer)

    def is_answered(self, path):
        """Whether the answer is 200; no connection means no."""
        try:
            return self.send(path, timeout=5)[0] == 200
        except Failure:
            return False
