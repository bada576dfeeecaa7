"""The product scaled out on this machine: web, workers and LINE, to be hurt and mended."""

import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import urllib3

from bench.processes import ROOT, Fresh, Process, Starter, forge
from bench.stores import free_port
from simulator import pointing
from simulator.running import Simulator
from simulator.waiting import answers, until

BRAND = "結びコーヒー"
COUPON = "はじめての連携クーポン MUSUBI100"
METRICS_TOKEN = "scaled"  # noqa: S105 - of this machine, for as long as this runs
START = 90.0
"""Seconds within which all is up, on a busy machine too."""


class Deployment:
    """Two web processes behind one port, workers, and LINE. `more` are settings that differ."""

    def __init__(
        self, folder: Path, *, workers: int = 3, webs: int = 2, forged: bool = True, **more: str
    ) -> None:
        self.folder, self.more = folder, more
        self._webs, self._workers = webs, workers
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.menus = folder / "menus"
        self.line = Simulator(
            log=folder / "line.log",
            account_name=BRAND,
            webhook_url=f"{self.url}/webhook",
            liff_endpoint=f"{self.url}/liff",
        )
        self.web: Process | None = None
        self.workers: list[Process] = []
        self._starter: Starter = forge() if forged else Fresh()
        self._http = urllib3.PoolManager(retries=False, timeout=10)

    def __enter__(self) -> Self:
        try:
            self.line.start()
            shutil.copytree(ROOT / "richmenus" / "menus", self.menus, dirs_exist_ok=True)
            (self.folder / "run" / "figures").mkdir(parents=True, exist_ok=True)
            self.do("db", "upgrade")
            self.start_web()
            for _ in range(self._workers):
                self.start_worker()
            until(self.is_ready, f"it did not come up: see {self.folder}", START)
            self.do("menus", "apply")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_how: object) -> None:
        self.stop()

    def change(self, **settings: str) -> None:
        """Other settings, and processes that know them; LINE and the database go on."""
        workers = len(self.workers)
        self._end_processes()
        self.more |= settings
        self.start_web()
        for _ in range(workers):
            self.start_worker()
        until(self.is_ready, f"it did not come up: see {self.folder}", START)

    def stop(self) -> None:
        self.line.stop()  # first: what it keeps open, gunicorn would wait for
        self._end_processes()

    def _end_processes(self) -> None:
        self._http.clear()  # gunicorn waits for connections that are kept
        running = [each for each in (self.web, *self.workers) if each is not None]
        for each in running:
            each.signal(signal.SIGCONT)
            each.signal(signal.SIGTERM)
        for each in running:
            each.stop(30)
        self.web, self.workers = None, []

    # Processes

    def start(self, *words: str) -> Process:
        """A process that does what `musubi` does with these words."""
        return self._starter.start(words, self.folder / f"{words[0]}.log", self.env)

    def start_web(self) -> None:
        self.web = self.start("web")

    def start_worker(self) -> Process:
        self.workers.append(process := self.start("worker"))
        return process

    def do(self, *words: str) -> None:
        """One command, to its end, which must be a good one."""
        process = self.start(*words)
        if process.wait(START) != 0:
            said = (self.folder / f"{words[0]}.log").read_text("utf-8")
            raise RuntimeError(f"musubi {' '.join(words)} ended with {process.status}:\n{said}")

    # Looking

    def get(self, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
        return self._http.request("GET", f"{self.url}{path}", headers=headers)

    def is_ready(self) -> bool:
        return answers(f"{self.url}/readyz")

    def figures(self) -> dict[str, float]:
        """What /metrics says, by name and labels."""
        page = self.get("/metrics", Authorization=f"Bearer {METRICS_TOKEN}").data.decode()
        lines = [line for line in page.splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def said_to(self, user: str) -> list[str]:
        """The texts (or alternative texts) of everything the account said in the chat."""
        chat = self.line.person(user)["chat"]
        said = [entry["message"] for entry in chat if entry["from"] == "account"]
        return [each.get("text") or each.get("altText", "") for each in said]

    def menu_of(self, user: str) -> str:
        """The key of the rich menu that the chat shows: `gold`, `guest` …; empty for none."""
        shown = self.line.person(user)["shown"]
        return shown["name"].split(":")[1] if shown else ""

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8")

    # Settings

    @property
    def env(self) -> Mapping[str, str]:
        figures = self.folder / "run" / "figures"
        return {**os.environ, **self.settings, "PROMETHEUS_MULTIPROC_DIR": str(figures)}

    @property
    def settings(self) -> Mapping[str, str]:
        played, line = self.line.settings, self.line.url
        return {
            **pointing.everything(played, line),
            "PUBLIC_URL": self.url,
            "PORT": str(self.port),
            "TRUSTED_PROXIES": "1",  # each person has an address of their own
            "SECRET_KEY": "a-key-for-this-machine-and-nothing-else",
            "SECURE_COOKIES": "false",
            "DATABASE_URL": f"sqlite:///{self.folder / 'musubi.db'}",
            "RUN_DIR": str(self.folder / "run"),
            "MENUS_DIR": str(self.menus),
            "BRAND_NAME": BRAND,
            "TERMS_URL": "https://brand.example/terms",
            "PRIVACY_URL": "https://brand.example/privacy",
            "WELCOME_COUPON": f"text:{COUPON}",
            "WEB_WORKERS": str(self._webs),
            "METRICS_TOKEN": METRICS_TOKEN,
            **self.more,
        }
