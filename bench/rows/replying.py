"""From an event to its reply arriving at LINE, by LINE's clock, beside one bare call of the SDK."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import talking
from bench.deployment import Deployment
from bench.figures import Figure, Size, at_most, middle, percentile
from core.database import Database, connect

PEOPLE, IDLE, RATE = 100, 20, 100


def measure(size: Size) -> Iterator[Figure]:
    for name, folder, more in talking.on_both("reply"):
        yield from _on(name, folder, size, **more)


def _on(name: str, folder: Path, size: Size, **more: str) -> Iterator[Figure]:
    with Deployment(folder, workers=1, webs=1, forged=False, **more) as running:
        database = connect(running.settings["DATABASE_URL"])
        users = talking.friends(running, database, PEOPLE)
        bare = talking.Bare(running)
        idle, floor, rested = [], [], []
        for _ in range(size.rounds):
            floor.append(_floor(bare, users))
            rested.append(_floor(bare, users, rests=True))
            idle.append(_idle(running, database, users))
        busy = [_busy(running, database, users, size) for _ in range(size.rounds)]
        bare.close()
        database.close()
    floors, calm = ([percentile(each, 0.5) * 1000 for each in some] for some in (floor, rested))
    for what, found in (("idle", idle), (f"at {RATE} events/s", busy)):
        halves = [percentile(each, 0.5) for each in found]
        tails = [percentile(each, 0.99) for each in found]
        yield Figure(
            f"event → reply at LINE, {what}: p50", name, middle(halves, " ms"),
            middle(floors, " ms"),
            [half / floor_ for half, floor_ in zip(halves, floors, strict=True)], goal=at_most(5),
        )  # fmt: skip
        if found is idle:
            yield Figure(
                "… beside a call after the same rest", name, middle(halves, " ms"),
                middle(calm, " ms"),
                [half / floor_ for half, floor_ in zip(halves, calm, strict=True)],
            )  # fmt: skip
        yield Figure("… p99", name, "", "", tails, unit="ms", goal=at_most(250, "≤ 250 ms"))


def _floor(bare: talking.Bare, users: Sequence[str], *, rests: bool = False) -> list[float]:
    """Seconds of one call after another, at once or with the rests of `_idle`: processors that
    have rested find nothing in their caches, and the same call takes twice as long."""
    took = []
    for n, user in enumerate(users[:IDLE]):
        if rests:
            _rest(n)
        took.append(bare.push(user))
    return took


def _rest(n: int) -> None:
    time.sleep(0.1 + 0.013 * (n % 7))  # not in step with anybody's looks


def _idle(running: Deployment, database: Database, users: Sequence[str]) -> list[float]:
    """Milliseconds, one event after another."""
    since = talking.last_request(running)
    for n, user in enumerate(users[:IDLE]):
        _rest(n)
        talking.say(running, [user])
        talking.all_replied(running, since, n + 1)
    return _waits(running, database, since)


def _busy(running: Deployment, database: Database, users: Sequence[str], size: Size) -> list[float]:
    since = talking.last_request(running)
    number = int(RATE * max(size.seconds * 2, 4))
    talking.say(running, (list(users) * (number // len(users) + 1))[:number], RATE)
    talking.all_replied(running, since, number)
    return _waits(running, database, since)


def _waits(running: Deployment, database: Database, since: int) -> list[float]:
    at = talking.replies(running, since)
    told = talking.events(database)
    return [float(at[event.token] - event.at) for event in told if event.token in at]
