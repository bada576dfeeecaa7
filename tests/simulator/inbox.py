"""A webhook endpoint for tests: it keeps what it gets, checks each signature, answers as told."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from simulator.settings import Settings

PATIENCE = 10.0
SECRET = Settings().channel_secret


class Inbox(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Endpoint)
        self.status = 200
        self.delay = 0.0
        self.bodies: list[dict[str, Any]] = []
        self.changed = threading.Condition()
        self.url = f"http://127.0.0.1:{self.server_port}/webhook"

    def __enter__(self) -> "Inbox":
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()

    def clear(self) -> None:
        with self.changed:
            self.status, self.delay, self.bodies = 200, 0.0, []

    @property
    def events(self) -> list[dict[str, Any]]:
        with self.changed:
            return [event for body in self.bodies for event in body["events"]]

    def wait(self, fits: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """The events, once they fit."""
        with self.changed:
            assert self.changed.wait_for(lambda: fits(self.events), PATIENCE), self.events
        return self.events

    def wait_for(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The newest event of a type, once there are that many."""

        def of_kind() -> list[dict[str, Any]]:
            return [event for event in self.events if event["type"] == kind]

        self.wait(lambda _: len(of_kind()) >= count)
        return of_kind()[-1]


class _Endpoint(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
        signed = self.headers["x-line-signature"] == base64.b64encode(digest).decode()
        with self.server.changed:
            self.server.bodies.append(json.loads(body) if signed else {"events": ["unsigned"]})
            self.server.changed.notify_all()
            status, delay = self.server.status, self.server.delay
        time.sleep(delay)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass
