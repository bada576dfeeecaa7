"""A bounded run of the fuzzer (by hand: make fuzz), and that it sees what it is for."""

import time
from collections.abc import Callable
from pathlib import Path

from bench import fuzz
from bench.fuzz_parts import requests
from bench.fuzz_parts.watch import Watch
from models import Base


def test_nothing_breaks_and_nothing_hangs() -> None:
    results = list(fuzz.run(n_bodies=10_000, n_requests=1_000, seed=time.strftime("%Y-%m-%d")))
    assert [result.watch.done for result in results] == [10_000, 1_000]
    assert all(result.watch.is_clean for result in results), "\n".join(map(str, results))


def test_nothing_breaks_on_postgresql(make_postgresql: Callable[[str], str]) -> None:
    """It takes less than SQLite does: no NUL, nothing too long, nothing of another type."""
    url = make_postgresql("fuzz")
    results = list(fuzz.run(3_000, 500, time.strftime("%Y-%m-%d"), url))
    assert all(result.watch.is_clean for result in results), "\n".join(map(str, results))


def test_what_breaks_is_seen() -> None:
    seen = Watch()
    for _ in range(3):
        with seen.one("first"):
            raise LookupError("lost")
    assert not seen.is_clean
    assert seen.broken.total() == 3
    assert "LookupError" in next(seen.lines())


def test_what_hangs_is_seen() -> None:
    seen = Watch(limit=0.05)
    with seen.one("for ever"):
        while True:
            time.sleep(0.01)
    assert seen.hangs == 1


def test_a_5xx_is_seen(tmp_path: Path) -> None:
    """A table is missing, so that some page must break."""
    with fuzz.database_in(tmp_path) as database:
        Base.metadata.tables["intent"].drop(database.engine)
        watch, answered = requests.fuzz(300, "5xx", fuzz.settings_in(tmp_path), database)
    assert answered[503]
    assert "answered 503" in "\n".join(watch.lines())
