"""gunicorn with the product's own configuration, serving the product or a yardstick."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from bench.stores import free_port
from core.database import connect
from core.settings import Settings
from models import Base
from simulator.child import Child
from simulator.waiting import answers

SECRET = "the-channel-secret-of-a-benchmark"  # noqa: S105 - of nothing
PLAIN = {
    "LINE_CHANNEL_ID": "1000000001",
    "LINE_CHANNEL_SECRET": SECRET,
    "LINE_LOGIN_CHANNEL_ID": "1000000002",
    "LINE_LOGIN_CHANNEL_SECRET": "of-nothing",
    "LIFF_ID": "1000000002-AbCdEfGh",
    "PUBLIC_URL": "http://127.0.0.1",
    "SECRET_KEY": "a-key-for-benchmarks-and-nothing-but-them",
    "SECURE_COOKIES": "false",
}
"""Settings for a web process that LINE knows nothing of."""


def plain_settings(**more: Any) -> Settings:
    """The same, for what runs in this process."""
    given = {name.lower(): value for name, value in PLAIN.items()}
    return Settings.load(None, **(given | more))


class Web:
    """`app` is a module and what to call in it, as gunicorn wants it."""

    def __init__(self, folder: Path, app: str = "app:create_app()", **settings: str) -> None:
        self.folder, self.app, self.port = folder, app, free_port()
        self.settings = settings
        self._process: Child | None = None

    @property
    def env(self) -> Mapping[str, str]:
        figures = self.folder / "run" / "figures"
        figures.mkdir(parents=True, exist_ok=True)
        return {
            **os.environ,
            **PLAIN,
            "PORT": str(self.port),
            "RUN_DIR": str(self.folder / "run"),
            "DATABASE_URL": f"sqlite:///{self.folder / 'musubi.db'}",
            "PROMETHEUS_MULTIPROC_DIR": str(figures),
            **self.settings,
        }

    def __enter__(self) -> Self:
        database = connect(self.env["DATABASE_URL"])
        Base.metadata.create_all(database.engine)
        database.close()
        command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", self.app]
        log = self.folder / "web.log"
        self._process = Child(command, self._are_up, log=log, env=self.env)
        self._process.start()
        return self

    def _are_up(self) -> bool:
        """Each of its processes is likely to listen: they share the port."""
        return all(answers(f"http://127.0.0.1:{self.port}/healthz") for _ in range(20))

    def __exit__(self, *_how: object) -> None:
        if self._process is not None:
            self._process.stop()
