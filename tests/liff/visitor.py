"""Somebody with a phone in hand: every page they see is checked before they read it."""

import re
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from line.fake import FakeLogin
from tests.web.reading import Read, problems, read

ANN = "U" + "a" * 32
BEN = "U" + "b" * 32


@dataclass
class Visitor:
    app: Flask
    login: FakeLogin
    user: str = ANN
    language: str = "ja"
    seen: TestResponse | None = None
    html: str = ""
    _client: Any = field(default=None)

    def __post_init__(self) -> None:
        self._client = self.app.test_client()

    # Looking

    def get(self, path: str, **more: Any) -> "Visitor":
        return self._took(self._client.get(path, headers=self._headers(), **more))

    def post(self, path: str, fields: dict[str, str] | None = None, **more: Any) -> "Visitor":
        """As a form that carries no token; see `submit`."""
        return self._took(
            self._client.post(path, data=fields or {}, headers=self._headers(), **more)
        )

    def submit(self, path: str = "", /, **fields: str) -> "Visitor":
        """Fill in the form that is shown, send it, and follow where it leads. `path` names the
        form when there are several, or the page to open first."""
        if path and path != self.path:
            form = next((f for f in self.forms if f.get("action") == path), None)
            if form is None:
                self.get(path)
        names = {key.replace("_", "-") if key.startswith("birthday") else key: value
                 for key, value in fields.items()}  # fmt: skip
        sent = {"csrf_token": self.token} | names
        return self.post(path or self.path, sent).follow()

    def follow(self) -> "Visitor":
        while self.status in (302, 303):
            self.get(self.response.location)
        return self

    # What is seen

    @property
    def response(self) -> TestResponse:
        assert self.seen is not None
        return self.seen

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        return self.response.request.path

    @property
    def page(self) -> Read:
        return read(self.html)

    @property
    def text(self) -> str:
        return self.page.text

    @property
    def heading(self) -> str:
        return self.page.one("h1").text

    @property
    def errors(self) -> list[str]:
        return [p.text for p in self.page.root.all("p") if p.get("class") == "error"]

    @property
    def forms(self) -> list[Any]:
        return self.page.root.all("form") if self.html else []

    @property
    def token(self) -> str:
        """The page's form token."""
        found = re.search(r'(?:name="csrf_token" value|data-csrf)="([^"]+)"', self.html)
        assert found, "the page has no token"
        return found[1]

    @property
    def cookie(self) -> str:
        kept = self._client.get_cookie("musubi")
        return kept.value if kept else ""

    @cookie.setter
    def cookie(self, value: str) -> None:
        self._client.set_cookie("musubi", value)

    # Signing in

    def present(self, id_token: str, place: str = "link", **more: Any) -> TestResponse:
        """What the page's script does with LINE's token."""
        self.get(f"/liff/{place}")
        return self.bring({"id_token": id_token, "place": place} | more)

    def bring(self, body: Any) -> TestResponse:
        return self.tell("/liff/session", body)

    def tell(self, path: str, body: Any) -> TestResponse:
        """What a page's script sends."""
        headers = self._headers() | {"X-CSRFToken": self.token, "Accept": "application/json"}
        response: TestResponse = self._client.post(path, json=body, headers=headers)
        return response

    def sign_in(self, place: str = "link") -> "Visitor":
        answer = self.present(self.login.token_for(self.user), place)
        assert answer.status_code == 200, answer.text
        return self.get(answer.json["go"])

    def _headers(self) -> dict[str, str]:
        return {"Accept-Language": self.language}

    def _took(self, response: TestResponse) -> "Visitor":
        self.seen = response
        self.html = response.text if response.mimetype == "text/html" else ""
        if self.html and self.status not in (302, 303):
            wrong = problems(self.html, response.headers["Content-Security-Policy"])
            assert not wrong, f"{response.request.path}: {wrong}"
        return self
