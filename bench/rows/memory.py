"""The memory of a web process and of the worker after the same work, with few friends and many."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import crowd, talking
from bench.deployment import Deployment
from bench.figures import Figure, Size, at_most
from bench.stores import Postgres
from core.database import connect

EVENTS = 200
FLAT = at_most(1.1, "flat (≤ 1.1)")


def measure(size: Size) -> Iterator[Figure]:
    with Postgres() as postgres:
        none = _used(postgres.database("none"), 0)
        many = _used(postgres.database("many"), size.people)
    for place, process in enumerate(("web process", "worker")):
        yield Figure(
            f"memory of the {process}", "PostgreSQL",
            f"{many[place]:.0f} MB, {size.people:,} friends",
            f"{none[place]:.0f} MB, none", [many[place] / none[place]], goal=FLAT,
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
        time.sleep(5 + number / 10_000)
        assert running.web is not None
        found = _resident(running.web.children()[0]), _resident(running.workers[0].pid)
        database.close()
    return found


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} is gone")
