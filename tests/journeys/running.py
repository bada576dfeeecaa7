"""The product as it runs: web and worker in their own processes, LINE played."""

import csv
import json
import os
import shutil
import signal
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.processes import MUSUBI, PATIENCE, Process, forge
from bench.stores import free_port
from core.database import connect
from models import Attempt, Link, OneTimeCode
from simulator import pointing
from simulator.child import START, Child, Ended
from simulator.running import Simulator
from simulator.waiting import answers, until
from tests.journeys import line_hosts

BRAND = "結びコーヒー"


class Running:
    """Start, drive and stop one deployment; `more` are settings that differ from the plain ones.

    With `real_hosts` browsers find LINE under its own names (tests.journeys.line_hosts), as the
    product's settings have them by themselves. Otherwise it is all as in the demo.
    With `launched` it is `musubi run`, as somebody would type it; otherwise its processes are
    forked from one that has read the code, which is there in a moment.
    """

    def __init__(
        self, folder: Path, *, real_hosts: bool = False, launched: bool = False, **more: str
    ) -> None:
        self.folder, self.more, self.real_hosts = folder, more, real_hosts
        self._launched = launched
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
        self._processes: list[Process] = []
        self._members = self._commands = 0

    def __enter__(self) -> "Running":
        try:
            self.line.start()
            self.start()  # makes the database, too
            self.cli("menus", "apply")
        except BaseException:  # whatever it was: nothing is left running
            self._end()
            raise
        return self

    def __exit__(self, *_how: object) -> None:
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
        if self._launched:
            log = self.folder / "musubi.log"
            self._product = Child([MUSUBI, "run"], self._is_ready, log=log, env=self.env)
            self._product.start()
            return
        self.cli("db", "upgrade")
        figures, log = self.folder / "run" / "figures", self.folder / "musubi.log"
        shutil.rmtree(figures, ignore_errors=True)
        self._processes = [self._fork(figures, log, each) for each in ("web", "worker")]
        until(self._has_come_up, f"it did not come up: see {self.folder}", START)

    def _fork(self, figures: Path, log: Path, *words: str) -> Process:
        figures.mkdir(parents=True, exist_ok=True)
        return forge().start(words, log, {**self.env, "PROMETHEUS_MULTIPROC_DIR": str(figures)})

    def _has_come_up(self) -> bool:
        if any(each.ended.is_set() for each in self._processes):
            raise Ended(f"it ended before it was up: see {self.folder}")
        return self._is_ready()

    def _is_ready(self) -> bool:
        return answers(f"{self.url}/readyz")

    def stop(self) -> None:
        if self._product is not None:
            self._product.stop()
            self._product = None
        for each in self._processes:
            each.signal(signal.SIGTERM)
        for each in self._processes:
            each.stop()
        self._processes = []

    def log(self) -> str:
        return (self.folder / "musubi.log").read_text("utf-8")

    def cli(self, *words: str) -> str:
        """What a command says, which must come to a good end."""
        self._commands += 1
        log = self.folder / f"command-{self._commands}.log"
        command = self._fork(self.folder / "figures of commands", log, *words)
        status = command.wait(PATIENCE)
        said = log.read_text("utf-8")
        assert status == 0, f"musubi {' '.join(words)} ended with {status}:\n{said}"
        return said

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
