"""Webhooks acknowledged durably per second, and how long the slowest wait at half of that rate."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

from bench.figures import Figure, Size, at_least, at_most, middle, percentile, ratios
from bench.load import Load, Shots
from bench.serving import SECRET, Web
from bench.stores import Postgres
from bench.webhooks import requests

NOTHING = "Flask answering 200"
GOALS = {"SQLite NORMAL": 0.60, "SQLite FULL": None, "PostgreSQL": 0.50}
MOST = 15_000
"""Webhooks that could be sent in a second: made ready beforehand."""


def measure(size: Size) -> Iterator[Figure]:
    with _servers() as servers:
        rates = _flat_out(servers, size)
        for name, goal in GOALS.items():
            ours, theirs = rates[name], rates[NOTHING]
            yield Figure(
                "webhooks acknowledged per second", name, middle(ours, "/s"), middle(theirs, "/s"),
                ratios(ours, theirs), goal=at_least(goal) if goal else None,
            )  # fmt: skip
        for name in ("SQLite NORMAL", "PostgreSQL"):
            rate = sorted(rates[name])[size.rounds // 2] / 2
            both = [
                (_tail(servers[name], rate, size), _tail(servers[NOTHING], rate, size))
                for _ in range(size.rounds)
            ]
            plain = middle(theirs for _, theirs in both)
            yield Figure(
                "p99 of the answer at half that rate", name, f"at {rate:,.0f}/s",
                f"LINE waits 2 s; Flask answering 200: {plain} ms",
                [ours for ours, _ in both], unit="ms", goal=at_most(50, "≤ 50 ms"),
            )  # fmt: skip


@contextmanager
def _servers() -> Iterator[Mapping[str, Web]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="musubi-bench-")))
        postgres = stack.enter_context(Postgres())
        kinds = {
            NOTHING: ("bench.yardstick:app", {}),
            "SQLite NORMAL": ("app:create_app()", {}),
            "SQLite FULL": ("bench.durable:create_app()", {}),
            "PostgreSQL": ("app:create_app()", {"DATABASE_URL": postgres.database("ack")}),
        }
        servers = {}
        for name, (app, more) in kinds.items():
            own = folder / name.replace(" ", "-")
            own.mkdir()
            servers[name] = stack.enter_context(Web(own, app, **more))
        yield servers


def _flat_out(servers: Mapping[str, Web], size: Size) -> Mapping[str, list[float]]:
    rates: dict[str, list[float]] = {name: [] for name in servers}
    for round_ in range(-1, size.rounds):  # the first only warms up
        for name, web in servers.items():
            seconds = size.seconds if round_ >= 0 else 1.0
            ready = islice(requests(SECRET), int(MOST * (seconds + 1)))
            with Load(web.port) as load:
                shots = load.flat_out(iter(list(ready)), seconds)
            if round_ >= 0:
                rates[name].append(_good(shots).rate)
    return rates


def _tail(web: Web, rate: float, size: Size) -> float:
    ready = list(islice(requests(SECRET), int(rate * size.seconds * 2) + 1))
    with Load(web.port) as load:
        shots = load.paced(iter(ready), rate, size.seconds * 2)
    return percentile(_good(shots).latencies, 0.99) * 1000


def _good(shots: Shots) -> Shots:
    if shots.refused:
        raise RuntimeError(f"{shots.refused} of {len(shots.latencies)} were not answered 200")
    return shots
