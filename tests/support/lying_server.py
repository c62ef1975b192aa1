"""A server of the OpenAI chat protocol, over real HTTP, that answers as it is told: mostly lies."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Respond = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]
"""Answers one request, whose body is given."""


class LyingServer:
    """A server on the loopback; `answers` are used up one by one, the last of them for good."""

    def __init__(self, answers: list[Respond]) -> None:
        self.answers = answers
        self.seen: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        """Path, headers and body of each request."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers.get("content-length", "0"))
                body = json.loads(self.rfile.read(size) or b"{}")
                outer.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                respond = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                respond(self, body)

            do_GET = do_POST  # noqa: N815  (likewise)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True

    @property
    def url(self) -> str:
        """Its address, as `--server` takes it."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def start(self) -> None:
        """Serve, in a thread."""
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """End, whoever waits."""
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def serving(*answers: Respond) -> Iterator[LyingServer]:
    """Run a server as long as the context lasts."""
    server = LyingServer(list(answers))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def saying(text: str, finish: str = "stop") -> Respond:
    """Return what answers with a text, in the protocol's form."""

    def respond(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        whole = {"id": "1", "object": "chat.completion", "created": 1, "model": body.get("model", ""), "usage": usage}
        raw(handler, 200, json.dumps({**whole, "choices": [choice]}).encode())

    return respond


def sending(status: int, body: bytes = b"{}", **headers: str) -> Respond:
    """Return what answers with a status and a body."""
    return lambda handler, _: raw(handler, status, body, **headers)


def raw(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    """Write a response."""
    handler.send_response(status)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **given}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def silent(handler: BaseHTTPRequestHandler, _body: dict[str, Any]) -> None:
    """Answer nothing for longer than any test waits, or until the other side is gone."""
    handler.connection.settimeout(30)
    with suppress(OSError):
        handler.rfile.read(1)


JSON_FOLLOWS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GIGABYTE = 2**30


class Pouring:
    """Answers with a head, and then a piece again and again, up to a gigabyte."""

    def __init__(self, head: bytes, piece: bytes, pause: float = 0.0) -> None:
        self.head, self.piece, self.pause = head, piece, pause
        self.poured = 0
        """Bytes that were written."""

    def __call__(self, handler: BaseHTTPRequestHandler, _body: dict[str, Any]) -> None:
        """Write until the other side is gone."""
        with suppress(OSError):
            handler.wfile.write(self.head)
            for _ in range(GIGABYTE // len(self.piece)):
                handler.wfile.write(self.piece)
                self.poured += len(self.piece)
                time.sleep(self.pause)
