"""The memory of a web process and of the worker after the same work, with few friends and many."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import crowd, talking
from bench.deployment import Deployment
from bench.figures import Figure, Size, at_most
from bench.stores import Postgres
from core.database import Database, connect

EVENTS = 200
FLAT = at_most(1.1, "flat (≤ 1.1)")


def measure(size: Size) -> Iterator[Figure]:
    with Postgres() as postgres:
        none, some, many = (
            _used(postgres.database(f"of{people}"), people)
            for people in (0, size.people // 10, size.people)
        )
    for place, process in enumerate(("web process", "worker")):
        ours = f"{many[place]:.0f} MB, {size.people:,} friends"
        yield Figure(
            f"memory of the {process}", "PostgreSQL", ours, f"{none[place]:.0f} MB, none",
            [many[place] / none[place]], goal=FLAT,
        )  # fmt: skip
        yield Figure(  # work that one without friends never does takes some, once
            "… beside a tenth of the friends", "PostgreSQL", ours, f"{some[place]:.0f} MB",
            [many[place] / some[place]],
        )  # fmt: skip


def _used(url: str, number: int) -> tuple[float, float]:
    """MB of both, after everybody's menu was computed and some have talked."""
    with (
        tempfile.TemporaryDirectory(prefix="musubi-bench-") as folder,
        Deployment(Path(folder), workers=1, webs=1, forged=False, DATABASE_URL=url) as running,
    ):
        database = connect(url)
        if number:
            crowd.put(database, number)
            with database.engine.begin() as connection:  # everybody is looked at anew
                connection.exec_driver_sql("UPDATE menu_book SET marker = ''")
        users = talking.friends(running, database, 100)
        since = talking.last_request(running)
        talking.say(running, users * (EVENTS // len(users)), 50)
        talking.all_replied(running, since, EVENTS)
        _until_shown(database, number)
        assert running.web is not None
        found = _resident(running.web.children()[0]), _resident(running.workers[0].pid)
        database.close()
    return found


def _until_shown(database: Database, people: int) -> None:
    """Everybody's menu is computed, and LINE was told."""
    until = time.monotonic() + 60 + people / 1_000
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while time.monotonic() < until:
            due, noted, left = connection.exec_driver_sql(
                "SELECT count(*) FILTER (WHERE state = 'due'), count(*),"
                " (SELECT looked_until FROM menu_book) FROM menu_assignment"
            ).one()
            if not due and noted >= people and left is None:
                return
            time.sleep(1)
    raise TimeoutError(f"{due:,} of {noted:,} are still to be told")


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} is gone")
