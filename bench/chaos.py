"""python -m bench.chaos: kill what runs, again and again, and count what is lost.

People follow, speak, tap, link, unlink, block and come back, staff change members and publish
menus; meanwhile processes are killed, answers are cut off, and stores restart. In the end LINE's
ledger is held against the database: nothing may be lost, doubled or wrong.
"""

import argparse
import contextlib
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bench.chaos_parts import time_passing, verdict
from bench.chaos_parts.brand import Brand
from bench.chaos_parts.kills import Killer
from bench.chaos_parts.people import PASSWORD, Household, csv
from bench.chaos_parts.verdict import Kind, Verdict
from bench.deployment import Deployment
from bench.stores import Postgres, Redis
from core.database import Database, connect
from core.passwords import hash_password
from simulator.waiting import until

LEASE = timedelta(seconds=25)
"""What a lease is cut down to: still longer than any call to LINE may take."""
QUIET = 120.0
"""Seconds within which all that is owed is settled, once nobody asks for more."""


@dataclass
class Chaos:
    """One run. Filled in as it goes on."""

    kills: int
    seed: int
    database: str
    households: int = 8
    pace: float = 0.5
    """Seconds between two kills, on average."""
    killed: Counter[str] = field(default_factory=Counter)
    did: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    until_quiet: float = 0.0

    def run(self, folder: Path) -> Verdict:
        with _deployment(folder, self.database) as (running, postgres, redis):
            database = connect(running.settings["DATABASE_URL"])
            try:
                return self._live(running, database, postgres, redis)
            finally:
                database.close()

    def _live(
        self, running: Deployment, database: Database,
        postgres: Postgres | None, redis: Redis | None,
    ) -> Verdict:  # fmt: skip
        homes = [Household(running, n, self.seed, self.did) for n in range(self.households)]
        file = running.folder / "members.csv"
        file.write_text(csv(homes, hash_password(PASSWORD)), "utf-8")
        running.do("members", "import", str(file))
        running.line.control("POST", "/control/delivery", {"redelivery": True})
        rng = random.Random(self.seed)
        killer = Killer(running, database, rng, postgres=postgres, redis=redis)
        brand = Brand(running, homes, killer, random.Random(self.seed + 1), self.did)
        began = time.monotonic()
        with _alive(homes, brand, database):
            for _ in range(self.kills):
                time.sleep(rng.expovariate(1 / self.pace))
                killer.kill()
        self.killed, self.seconds = killer.killed, time.monotonic() - began
        began = time.monotonic()
        _come_to_rest(running, database)
        self.until_quiet = time.monotonic() - began
        return verdict.reach(running, database, homes)


@contextlib.contextmanager
def _deployment(
    folder: Path, kind: str
) -> Iterator[tuple[Deployment, Postgres | None, Redis | None]]:
    with contextlib.ExitStack() as stack:
        if kind == "sqlite":
            yield stack.enter_context(Deployment(folder)), None, None
            return
        postgres, redis = stack.enter_context(Postgres()), stack.enter_context(Redis())
        running = Deployment(folder, DATABASE_URL=postgres.database("chaos"), REDIS_URL=redis.url)
        yield stack.enter_context(running), postgres, redis


@contextlib.contextmanager
def _alive(homes: list[Household], brand: Brand, database: Database) -> Iterator[None]:
    """People, staff and time go on while this is entered; leaving lets each end what they do."""
    stop = threading.Event()
    broke: list[BaseException] = []

    def time_passes(stop: threading.Event) -> None:
        while not stop.wait(2):
            time_passing.end_leases(database, LEASE)

    lives = [home.live for home in homes] + [brand.work, time_passes]

    def live(life: Callable[[threading.Event], None]) -> None:
        try:
            life(stop)
        except BaseException as e:  # noqa: BLE001 - told to whoever waits for us
            broke.append(e)

    threads = [threading.Thread(target=live, args=(life,), daemon=True) for life in lives]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(120)
    if broke:
        raise broke[0]


def _come_to_rest(running: Deployment, database: Database) -> None:
    """Everything that LINE has to tell has been told, and everything that is owed is settled."""
    running.line.control("DELETE", "/control/faults")
    until(running.is_ready, "it is not ready", QUIET)
    until(lambda: not _tell_again(running), "events are not taken", QUIET)
    deadline = time.monotonic() + QUIET
    calm = 0
    while calm < 2:
        time_passing.end_leases(database, LEASE / 2)
        time_passing.end_waits(database)
        time.sleep(1)
        left = time_passing.left(database)
        calm = 0 if left else calm + 1
        if time.monotonic() > deadline:
            raise TimeoutError(f"it does not come to rest: {left}")
    time.sleep(running.line.settings.bulk_delay + 0.5)


def _tell_again(running: Deployment) -> set[str]:
    """Have LINE send once more what was never answered; what that was."""
    until(lambda: not running.line.state()["webhooks_waiting"], "webhooks wait", QUIET)
    left = verdict.unanswered(running.line.control("GET", "/control/webhooks"))
    for event in left:
        running.line.control("POST", f"/control/webhooks/{event}/redeliver")
    time.sleep(0.5)
    return left


def table(chaos: Chaos, found: Verdict) -> str:
    kills = ", ".join(f"{n} × {what}" for what, n in chaos.killed.most_common())
    did = ", ".join(f"{n} × {what}" for what, n in chaos.did.most_common())
    how_long = f"{chaos.seconds:.0f} s, at rest {chaos.until_quiet:.0f} s later"
    coupons = f"{found.coupons_in_chats} for {found.members_ever_linked} members ever linked"
    ways = ", ".join(f"{n} by {way}" for way, n in found.ways.most_common())
    links = f"{found.links} made ({ways}), wrong {found.links_wrong}, unsure {found.unsure}"
    rows = [
        f"{chaos.database}, seed {chaos.seed}: {chaos.killed.total()} kills in {how_long}",
        f"  killed: {kills}",
        f"  lived:  {did}",
        "",
        f"  {'':<12}{'owed':>7}{'said':>7}{'doubled':>9}{'lost':>7}   settled otherwise",
        *(_line(kind, line) for kind, line in sorted(found.lines.items())),
        "",
        f"  events   {found.events} answered 200, lost {found.events_lost}",
        f"  coupons  {coupons}",
        f"  links    {links}",
        f"  menus    {found.menus} looked at, wrong {found.menus_wrong}",
        *(f"  WRONG: {sentence}" for sentence in found.wrong[:40]),
    ]
    return "\n".join(rows) + "\n"


def _line(kind: str, line: Kind) -> str:
    settled = ", ".join(f"{n} {how}" for how, n in sorted(line.settled.items()))
    counts = f"{line.owed:>7}{line.said:>7}{line.doubled:>9}{line.lost:>7}"
    return f"  {kind:<12}{counts}   {settled}".rstrip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--households", type=int, default=8)
    parser.add_argument("--pace", type=float, default=0.5, help="seconds between two kills")
    parser.add_argument("--keep", type=Path, help="a folder for the logs; without: none are kept")
    asked = parser.parse_args()
    chaos = Chaos(asked.kills, asked.seed, asked.database, asked.households, asked.pace)
    with contextlib.ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        found = chaos.run(folder)
    sys.stdout.write(table(chaos, found))
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
