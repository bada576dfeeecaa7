"""The servers that tests use: from URLs given or Python packages, never from somebody's hand."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.stores import Postgres, Redis


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL in which databases may be made: TEST_POSTGRESQL_URL, or our own."""
    if given := os.environ.get("TEST_POSTGRESQL_URL"):
        yield given
        return
    with Postgres() as own:
        _forget_the_disk(own.url)
        yield own.url


def _forget_the_disk(url: str) -> None:
    """It is gone afterwards, and no test of these takes its power away."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def redis_server() -> Iterator[str]:
    """The URL of a Redis: TEST_REDIS_URL, or one started for these tests."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    with Redis() as own:
        yield own.url


def chromium() -> Path | None:
    """A Chromium on this machine: CHROMIUM, or found by its usual names."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return Path(found)
    return None
