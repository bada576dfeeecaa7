"""A small crowd for the demo, so that staff see a brand with life: each does what people do.

They are nobody special: they tap and say what their line of samples/crowd.csv tells, and open the
brand's pages as LINE's browser opens them, over HTTP and with nothing but what the page holds.
"""

import csv
import html
import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from simulator.waiting import PATIENCE, until

FILE = Path(__file__).parent / "samples" / "crowd.csv"
PASSWORD = "hanako-1234"
AT_ONCE = 3
TOKEN = re.compile(r'(?:name="csrf_token" value|data-csrf)="([^"]+)"')
SESSION = re.compile(r'data-session="([^"]+)"')
Json = dict[str, Any]


def arrive(line: str, web: str) -> list[str]:
    """Everybody comes, a few at a time; what went wrong for whom."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [wrong for wrong in pool.map(lambda row: _come(line, web, row), rows) if wrong]


def _come(line: str, web: str, row: Mapping[str, str]) -> str:
    try:
        somebody = Somebody(line, web, row)
        for step in row["does"].split(" "):
            somebody.does(*step.split(":", 1))
    except (OSError, LookupError, ValueError) as e:
        return f"{row['name']}: {type(e).__name__}: {e}"
    return ""


class Somebody:
    """Adds the account, is greeted, and then does one thing after another."""

    def __init__(self, line: str, web: str, row: Mapping[str, str]) -> None:
        self._line, self._web, self._phone = line, web, row["phone"]
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._browser.addheaders = [("Accept-Language", row["language"])]
        self._page = ""
        about = {key: row[key] for key in ("name", "language", "phone")}
        self.user_id = str(self._ask("/control/people", about)["userId"])
        self._at = f"/control/people/{self.user_id}"
        self._ask(f"{self._at}/follow", {})
        self._heard = 0
        self._hears()

    def does(self, what: str, how: str = "") -> None:
        steps: dict[str, Callable[[], object]] = {
            "": lambda: None,
            "say": lambda: self._said({"text": how}),
            "tap": lambda: self._tapped(int(how)),
            "greeting": self._open_from_chat,
            "reply": self._open_from_chat,
            "menu": lambda: self._open(self._ask(f"{self._at}/tap", {"area": 0})["liff"]),
            "number": self._enter_number,
            "prove": self._prove,
            "link": self._link,
            "password": lambda: self._log_in(how),
            "block": lambda: self._ask(f"{self._at}/block", {}),
        }
        steps[what]()

    # In the chat

    def _said(self, said: Json) -> None:
        self._ask(f"{self._at}/say", said)
        self._hears()

    def _tapped(self, area: int) -> None:
        if not self._ask(f"{self._at}/tap", {"area": area}):
            self._hears()

    def _hears(self) -> None:
        """Wait for the account to say something more."""
        self._heard = until(lambda: self._times_spoken_to(more_than=self._heard))

    def _times_spoken_to(self, more_than: int) -> int:
        times = len(self._account_said())
        return times if times > more_than else 0

    def _account_said(self) -> list[Json]:
        chat: list[Json] = self._ask(self._at)["chat"]
        return [entry["message"] for entry in chat if entry["from"] == "account"]

    def _open_from_chat(self) -> None:
        """Press the newest button that the account sent."""
        buttons = [
            action
            for message in self._account_said()
            for action in message.get("template", {}).get("actions", ())
        ]
        pressed = self._ask(f"/phone/api/people/{self.user_id}/act", {"action": buttons[-1]})
        self._open(pressed["liff"])

    # On the brand's pages

    def _open(self, url: str) -> None:
        """As LINE's browser does: who it is stands behind the address, and the page's script
        takes it to where the page says."""
        address, _, brought = url.partition("#")
        self._get(address)
        token = urllib.parse.parse_qs(brought)["id_token"][0]
        session = SESSION.search(self._page)
        if session is None:
            raise LookupError("the page does not ask who it is")
        said = {"id_token": token, "place": "link", "inside": True}
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._token()}
        signed = self._fetch(session[1], json.dumps(said).encode(), headers)
        self._get(self._web + json.loads(signed)["go"])

    def _enter_number(self) -> None:
        self._get(f"{self._web}/liff/phone")
        self._send("/liff/phone", phone=self._phone)

    def _prove(self) -> None:
        self._enter_number()
        query = urllib.parse.urlencode({"to": self._phone})
        arrived = until(lambda: self._ask(f"/control/sms?{query}")["sms"])
        self._send("/liff/phone/code", code=arrived[-1]["text"].rpartition("#")[2])

    def _link(self) -> None:
        self._prove()
        self._hears()

    def _log_in(self, number: str) -> None:
        self._get(f"{self._web}/liff/log-in")
        self._send("/liff/log-in", name=number, password=PASSWORD)
        self._hears()

    def _get(self, url: str) -> None:
        self._page = self._fetch(url)

    def _send(self, path: str, **fields: str) -> None:
        sent = urllib.parse.urlencode({"csrf_token": self._token(), **fields}).encode()
        self._page = self._fetch(path, sent)

    def _token(self) -> str:
        found = TOKEN.search(self._page)
        if found is None:
            raise LookupError("the page has no form")
        return html.unescape(found[1])

    def _fetch(
        self, url: str, sent: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> str:
        whole = url if url.startswith("http") else self._web + url
        asked = urllib.request.Request(whole, sent, dict(headers or {}))  # noqa: S310
        with self._browser.open(asked, timeout=PATIENCE) as answer:
            return str(answer.read().decode())

    def _ask(self, path: str, said: Json | None = None) -> Json:
        """Ask the played LINE."""
        sent = None if said is None else json.dumps(said).encode()
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(self._line + path, sent, headers)  # noqa: S310
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310
            found: Json = json.load(answer)
            return found
