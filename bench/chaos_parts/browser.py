"""Somebody's browser on the LIFF pages, through the same doors as people: no door is opened for it.

Whatever dies behind a page is met as people meet it: the page does not come, and is opened again.
"""

import json
import re
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import urllib3

from simulator.running import Simulator

PATIENCE = 40.0
"""Seconds that somebody goes on opening a page that does not come."""
TOKEN = re.compile(r'(?:name="csrf_token" value|data-csrf)="([^"]+)"')
CODE = "/liff/phone/code"
COOKIE = re.compile(r"musubi=([^;]*)")
GONE = (urllib3.exceptions.HTTPError, OSError)


class Unanswered(Exception):
    """The answer did not come: what was asked for may have been done or not."""


@dataclass(frozen=True)
class Page:
    status: int
    path: str
    html: str

    @property
    def token(self) -> str:
        found = TOKEN.search(self.html)
        return found[1] if found else ""


class Browser:
    def __init__(self, line: Simulator, web: str, user: str, address: str) -> None:
        self._line, self._web, self._user = line, web, user
        self._headers = {"X-Forwarded-For": address, "Accept-Language": "ja"}
        self._cookie = ""
        self._http = urllib3.PoolManager(retries=False, timeout=30, maxsize=1)

    # Pages

    def open(self, path: str) -> Page:
        """A page, opened again for as long as it does not come."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                page = self._follow(self._ask("GET", path))
            except Unanswered:
                page = Page(503, path, "")
            if page.status < 500 or time.monotonic() > deadline:
                return page
            time.sleep(0.2)

    def send(self, path: str, page: Page, **fields: str) -> Page:
        """A form, sent once. Raises Unanswered."""
        body = urlencode({"csrf_token": page.token, **fields})
        answer = self._ask("POST", path, body, "application/x-www-form-urlencoded")
        if answer.status >= 500:
            raise Unanswered(f"{answer.status} of {path}")
        return self._follow(answer)

    def _follow(self, answer: Page) -> Page:
        return self.open(answer.path) if answer.status in (302, 303) else answer

    def _ask(self, method: str, path: str, body: str = "", kind: str = "") -> Page:
        headers = self._headers | {"Cookie": f"musubi={self._cookie}"}
        if kind:
            headers |= {"Content-Type": kind}
        try:
            answer = self._http.request(
                method, self._web + path, body=body or None, headers=headers, redirect=False
            )
        except GONE as e:
            raise Unanswered(type(e).__name__) from e
        if kept := COOKIE.search(answer.headers.get("Set-Cookie", "")):
            self._cookie = kept[1]
        went = answer.headers.get("Location", path)
        return Page(answer.status, went, answer.data.decode())

    # Who we are

    def see(self, path: str) -> Page:
        """A page for people who are signed in; signs in when that is asked for."""
        for _ in range(5):
            page = self.open(path)
            if "data-session=" not in page.html:
                return page
            self._sign_in(page)
        raise Unanswered(f"nobody could sign in for {path}")

    def _sign_in(self, page: Page) -> None:
        """What the page's script does with LINE's token."""
        said = {"id_token": self._line.id_token(self._user), "place": "me"}
        headers = self._headers | {
            "Cookie": f"musubi={self._cookie}",
            "X-CSRFToken": page.token,
            "Content-Type": "application/json",
        }
        try:
            answer = self._http.request(
                "POST", f"{self._web}/liff/session", body=json.dumps(said), headers=headers
            )
        except GONE:
            return  # the next page asks for it again
        if kept := COOKIE.search(answer.headers.get("Set-Cookie", "")):
            self._cookie = kept[1]

    # What people do

    def is_linked(self) -> bool:
        page = self.see("/liff/me")
        if page.status != 200:
            raise Unanswered(f"{page.status} of {page.path}")
        return "/liff/me/unlink" in page.html

    def link_by_phone(self, phone: str) -> None:
        """As far as it goes; whether it went is asked of the page afterwards."""
        before = len(self._line.sms(phone))
        page = self.send("/liff/phone", self.see("/liff/phone"), phone=phone)
        if page.path != CODE or page.status != 200:
            return
        if digits := self._code(phone, before):
            self._tie(self.send(CODE, page, code=digits))

    def _code(self, phone: str, before: int) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if arrived := self._line.sms(phone)[before:]:
                return re.sub(r"\D", "", arrived[-1]["text"].rpartition("#")[2])
            time.sleep(0.2)
        return ""

    def link_by_log_in(self, number: str, password: str) -> None:
        page = self.see("/liff/log-in")
        if page.path == "/liff/log-in":
            self._tie(self.send("/liff/log-in", page, name=number, password=password))

    def _tie(self, page: Page) -> None:
        """To the end; when somebody else is this member, they are asked to move the link."""
        if page.path == "/liff/confirm":
            self.send("/liff/confirm", page)

    def unlink(self) -> None:
        page = self.see("/liff/me/unlink")
        if page.path == "/liff/me/unlink":
            self.send("/liff/me/unlink", page)
