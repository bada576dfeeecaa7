"""Events that one worker process deals with per second, beside as many bare reply calls."""

import time
from collections.abc import Iterator
from pathlib import Path

from bench import talking
from bench.deployment import Deployment
from bench.figures import Figure, Size, at_least, middle, ratios
from core.database import connect
from simulator.waiting import until

EVENTS = 300
"""Of each round, as many again for the yardstick: replied to within the life of their tokens."""


def measure(size: Size) -> Iterator[Figure]:
    for name, folder, more in talking.on_both("handle"):
        yield from _on(name, folder, size, **more)


def _on(name: str, folder: Path, size: Size, **more: str) -> Iterator[Figure]:
    number = EVENTS * (3 if size.full else 1)
    ours, theirs, alone = [], [], []
    with Deployment(folder, workers=1, webs=1, forged=False, **more) as running:
        database = connect(running.settings["DATABASE_URL"])
        users = talking.friends(running, database, 3 * number)
        _mine, yours, one = users[:number], users[number : 2 * number], users[2 * number :]
        bare = talking.Bare(running)
        for _ in range(size.rounds):
            running.workers.pop().stop()
            before = talking.stored(database)
            talking.say(running, users)
            until(lambda: talking.stored(database) >= before + len(users), "not all were stored")  # noqa: B023
            tokens = {each.user: each.token for each in talking.events(database, users)}
            talking.put_aside(database, [*yours, *one])
            theirs.append(bare.all([tokens[user] for user in yours], talking.AT_ONCE))
            alone.append(bare.all([tokens[user] for user in one], 1))
            since = talking.last_request(running)
            running.start_worker()
            at = sorted(talking.all_replied(running, since, number).values())
            ours.append((len(at) - 1) * 1000 / (at[-1] - at[0]))
            time.sleep(1)
        bare.close()
        database.close()
    what = "events handled per second by one worker"
    yield Figure(
        what, name, middle(ours, "/s"), f"{middle(theirs, '/s')}, {talking.AT_ONCE} at once",
        ratios(ours, theirs), goal=at_least(0.5),
    )  # fmt: skip
    yield Figure(
        "… beside one call after another", name, middle(ours, "/s"), middle(alone, "/s"),
        ratios(ours, alone),
    )  # fmt: skip
