"""The brand's staff at their terminals: members change, menus are published, and nobody waits."""

import random
import re
import threading
from collections import Counter
from collections.abc import Sequence

from bench.chaos_parts.kills import Killer
from bench.chaos_parts.people import RANKS, Household
from bench.deployment import Deployment

MOST_PUBLISHED = 80
"""LINE takes 100 new menus an hour."""


class Brand:
    def __init__(
        self, running: Deployment, households: Sequence[Household], killer: Killer,
        rng: random.Random, count: "Counter[str]",
    ) -> None:  # fmt: skip
        self._running, self._households, self._killer = running, households, killer
        self._random, self._count = rng, count

    def work(self, stop: threading.Event) -> None:
        while not stop.wait(self._random.uniform(0.3, 1.2)):
            if self._random.random() < 0.2 and self._count["publish"] < MOST_PUBLISHED:
                self._publish()
            else:
                self._change()

    def _change(self) -> None:
        member = self._random.choice(self._households).member
        member.rank = self._random.choice(RANKS)
        self._killer.run_command("members", "set", member.number, f"rank={member.rank}")
        self._count["profile change"] += 1

    def _publish(self) -> None:
        """Another word on the bar of one menu: a new rich menu at LINE for all who see it."""
        path = self._running.menus / self._random.choice(("gold", "guest")) / "menu.yaml"
        bar = f"chatBarText: メニュー{self._count['publish']}"
        path.write_text(re.sub(r"chatBarText: .*", bar, path.read_text("utf-8")), "utf-8")
        self._killer.run_command("menus", "apply")
        self._count["publish"] += 1
