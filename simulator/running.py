"""Simulator starts the platform as a process of its own on a free port, and stops it."""

import contextlib
import json
import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import urllib3

from simulator.child import Child
from simulator.settings import Settings
from simulator.waiting import answers


class ControlError(Exception):
    """The control API refused."""


class Simulator:
    """A running platform.

    with Simulator(webhook_url="http://127.0.0.1:8000/webhook") as sim:
        hanako = sim.control("POST", "/control/people", {"name": "Hanako"})
        sim.follow(hanako["userId"])
    """

    def __init__(self, *, tls: bool = False, log: Path | None = None, **settings: Any) -> None:
        """`settings` are those of `simulator.settings.Settings`; ports are chosen here."""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self._tls_listener = socket.create_server(("127.0.0.1", 0)) if tls else None
        self.port: int = self._listener.getsockname()[1]
        self.tls_port: int | None = (
            self._tls_listener.getsockname()[1] if self._tls_listener else None
        )
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = Settings(**settings)
        self._given, self._log = settings, log
        self._process: Child | None = None
        self._http = urllib3.PoolManager(retries=False, timeout=10, maxsize=16)

    def __enter__(self) -> "Simulator":
        self.start()
        return self

    def __exit__(self, *_how: object) -> None:
        self.stop()

    def start(self) -> None:
        handed = [each for each in (self._listener, self._tls_listener) if each is not None]
        for each in handed:
            each.set_inheritable(True)
        sockets = [each.fileno() for each in handed]
        self._process = Child(self._command(), self._is_up, log=self._log, handed=sockets)
        with contextlib.ExitStack() as undoing:
            undoing.callback(self.stop)
            self._process.start()
            undoing.pop_all()

    def _is_up(self) -> bool:
        return answers(f"{self.url}/healthz", within=1)

    def _command(self) -> list[str]:
        command = [sys.executable, "-m", "simulator", "--fd", str(self._listener.fileno())]
        if self._tls_listener is not None:
            command += ["--tls-fd", str(self._tls_listener.fileno())]
            command += ["--tls-port", str(self.tls_port)]
        for name, value in self._given.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        return command

    def stop(self) -> None:
        """End the process; the port is closed for good."""
        if self._process is not None:
            self._process.stop()
            self._process = None
        self._http.clear()
        for each in (self._listener, self._tls_listener):
            if each is not None:
                each.close()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control API; `path` begins with /control or /phone. Raises when it refuses."""
        answer = self._http.request(
            method,
            self.url + path,
            body=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        if answer.status >= 400:
            raise ControlError(f"{method} {path}: {answer.status} {answer.data.decode()}")
        return answer.json()

    # What tests do most, by name.

    def add_person(self, name: str = "Someone", **more: Any) -> str:
        """A new person's user id; `friend=True` makes them one without a webhook."""
        added = self.control("POST", "/control/people", {"name": name, **more})
        return str(added["userId"])

    def person(self, user_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.control("GET", f"/control/people/{user_id}")
        return found

    def follow(self, user_id: str) -> None:
        self.control("POST", f"/control/people/{user_id}/follow")

    def block(self, user_id: str) -> None:
        self.control("POST", f"/control/people/{user_id}/block")

    def unblock(self, user_id: str) -> None:
        self.control("POST", f"/control/people/{user_id}/unblock")

    def say(self, user_id: str, text: str, **more: Any) -> str:
        """The id of the message said."""
        said = self.control("POST", f"/control/people/{user_id}/say", {"text": text, **more})
        return str(said["messageId"])

    def tap(self, user_id: str, area: int, params: dict[str, str] | None = None) -> dict[str, Any]:
        asked = {"area": area, "params": params}
        answer: dict[str, Any] = self.control("POST", f"/control/people/{user_id}/tap", asked)
        return answer

    def postback(self, user_id: str, data: str, params: dict[str, str] | None = None) -> None:
        asked = {"data": data, "params": params}
        self.control("POST", f"/control/people/{user_id}/postback", asked)

    def id_token(self, user_id: str, **wrong: Any) -> str:
        """An ID token; `expired=1`, `aud=…`, `alg="none"`, `kid="unknown"` … make it a bad one."""
        query = "&".join(f"{name}={quote(str(value))}" for name, value in wrong.items())
        answer = self.control("GET", f"/control/people/{user_id}/id-token?{query}")
        return str(answer["idToken"])

    def in_app(self, user_id: str, path: str = "") -> str:
        """The URL LINE's in-app browser opens for the LIFF URL with this path."""
        asked = f"/control/people/{user_id}/in-app?path={quote(path, safe='')}"
        return str(self.control("GET", asked)["url"])

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """The ledger of requests to LINE's side after number `since`."""
        answer = self.control("GET", f"/control/requests?since={since}")
        found: list[dict[str, Any]] = answer["requests"]
        return found

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.control("GET", "/control/state")
        return found

    def sms(self, to: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", f"/control/sms?to={quote(to, safe='')}")[
            "sms"
        ]
        return found

    def fail(self, match: str, kind: str = "status", count: int = 1, **more: Any) -> None:
        """The next `count` requests that match fail: see `simulator.faults`."""
        asked = {"match": match, "kind": kind, "count": count, **more}
        self.control("POST", "/control/faults", asked)

    def advance(self, seconds: float) -> None:
        self.control("POST", "/control/clock", {"advance_seconds": seconds})

    def reset(self) -> None:
        self.control("POST", "/control/reset")
