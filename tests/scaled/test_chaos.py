"""A short chaos on each database: nothing lost, nothing doubled, no menu and no link wrong."""

import os
from pathlib import Path

import pytest

from bench.chaos import Chaos, table

KILLS = 200 if "CI" in os.environ else 40


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_whatever_is_killed_nothing_is_lost_or_doubled(database: str, tmp_path: Path) -> None:
    chaos = Chaos(kills=KILLS, seed=7, database=database, households=6, pace=0.15)
    found = chaos.run(tmp_path)
    said = table(chaos, found)
    assert not found.wrong, said
    assert chaos.killed.total() == KILLS, said
    assert found.events > 20, said  # a machine that does other things, too, lives slowly
    assert found.links, said
    assert found.lines["reply"].said > 15, said
    assert found.menus, said
