"""The product as it runs: web and worker in their own processes, LINE played."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import select

from bench.stores import free_port
from core.database import connect
from models import Attempt, Link, OneTimeCode
from simulator import pointing
from simulator.child import ROOT, Child
from simulator.running import Simulator
from simulator.waiting import answers, until
from tests.journeys import line_hosts

BIN = Path(sys.executable).parent
BRAND = "結びコーヒー"


class Running:
    """Start, drive and stop one deployment; `more` are settings that differ from the plain ones.

    With `real_hosts` browsers find LINE under its own names (tests.journeys.line_hosts), as the
    product's settings have them by themselves. Otherwise it is all as in the demo.
    """

    def __init__(self, folder: Path, *, real_hosts: bool = False, **more: str) -> None:
        self.folder, self.more, self.real_hosts = folder, more, real_hosts
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        secured: dict[str, Any] = {}
        if real_hosts:
            written, key = line_hosts.certificate(folder)
            secured = {"tls": True, "tls_cert": written, "tls_key": key}
        self.line = Simulator(
            log=folder / "line.log",
            account_name=BRAND,
            webhook_url=f"{self.url}/webhook",
            liff_endpoint=f"{self.url}/liff",
            **secured,
        )
        self._product: Child | None = None
        self._members = 0

    def __enter__(self) -> "Running":
        try:
            self.line.start()
            self.start()  # makes the database, too
            self.cli("menus", "apply")
        except BaseException:  # whatever it was: nothing is left running
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        self.line.stop()  # first: what it keeps open, gunicorn would wait for
        self.stop()

    @property
    def settings(self) -> Mapping[str, str]:
        played, line = self.line.settings, self.line.url
        return {
            **pointing.channels(played, line),
            **pointing.phone(line),
            **pointing.short_messages(played, line),
            **({} if self.real_hosts else pointing.browsers(line)),
            "PUBLIC_URL": self.url,
            "PORT": str(self.port),
            "SECRET_KEY": "a-key-for-journeys-and-nothing-but-journeys",
            "SECURE_COOKIES": "false",
            "DATABASE_URL": f"sqlite:///{self.folder / 'musubi.db'}",
            "RUN_DIR": str(self.folder / "run"),
            "BRAND_NAME": BRAND,
            "TERMS_URL": "https://brand.example/terms",
            "PRIVACY_URL": "https://brand.example/privacy",
            "WELCOME_COUPON": "text:はじめての連携クーポン MUSUBI100",
            "WEB_WORKERS": "1",
            "METRICS_TOKEN": "journey",
            "GUNICORN_CMD_ARGS": "--graceful-timeout 1",  # it waits for connections that are kept
            **self.more,
        }

    @property
    def env(self) -> Mapping[str, str]:
        return {**os.environ, **self.settings}

    def start(self) -> None:
        log = self.folder / "musubi.log"
        self._product = Child([BIN / "musubi", "run"], self._is_ready, log=log, env=self.env)
        self._product.start()

    def _is_ready(self) -> bool:
        return answers(f"{self.url}/readyz")

    def stop(self) -> None:
        if self._product is not None:
            self._product.stop()
            self._product = None

    def log(self) -> str:
        return (self.folder / "musubi.log").read_text("utf-8")

    def cli(self, *words: str) -> str:
        done = subprocess.run(
            [BIN / "musubi", *words], env=self.env, cwd=ROOT, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"musubi {' '.join(words)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def member(self, **fields: str) -> str:
        """A new member, by the way brands bring them: a CSV file. The member number."""
        return self.members([fields])[0]

    def members(self, people: Iterable[Mapping[str, str]]) -> list[str]:
        rows = []
        for fields in people:
            self._members += 1
            plain = {"number": f"J{self._members:05}", "name": "山田 太郎"}
            rows.append(plain | dict(fields))
        path = self.folder / f"members-{self._members}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, sorted({key for row in rows for key in row}))
            writer.writeheader()
            writer.writerows(rows)
        self.cli("members", "import", str(path))
        return [row["number"] for row in rows]

    def let_pass(self, **how_long: float) -> None:
        """As if that long had gone by since the codes were sent and the links made."""
        long = timedelta(**how_long)
        database = connect(self.settings["DATABASE_URL"])
        with database.begin() as db:
            for code in db.scalars(select(OneTimeCode)):
                code.sent_at, code.expires_at = code.sent_at - long, code.expires_at - long
            for attempt in db.scalars(select(Attempt)):
                attempt.at -= long
            for link in db.scalars(select(Link).where(Link.ended_at.is_(None))):
                link.started_at -= long
        database.close()

    # What somebody sees

    def said_to(self, user: str) -> list[str]:
        """Everything the account said in the chat, as one text for each message."""
        chat = self.line.person(user)["chat"]
        messages = [entry["message"] for entry in chat if entry["from"] == "account"]
        return [json.dumps(message, ensure_ascii=False) for message in messages]

    def menu_of(self, user: str) -> str:
        """The name of the rich menu that the chat shows: `gold`, `guest` …; empty for none."""
        shown = self.line.control("GET", f"/phone/api/people/{user}")["richMenu"]
        return shown["name"].split(":")[1] if shown else ""

    def code_for(self, phone: str, after: int = 0) -> str:
        """The newest one-time code that arrived at a number, once there are more than `after`."""
        arrived = until(lambda: self.line.sms(phone)[after:], "no SMS arrived")
        digits = "".join(c for c in arrived[-1]["text"].rpartition("#")[2] if c.isdigit())
        assert len(digits) == 6, arrived[-1]
        return digits
