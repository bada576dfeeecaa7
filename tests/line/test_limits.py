"""Processes that know nothing of each other stay below one rate together."""

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import structlog
from pyrate_limiter import Rate

from core.limits import (
    BUCKET,
    Limit,
    Limits,
    SqliteStates,
    SqliteStore,
    TooLong,
    shared_limits,
)
from core.settings import Settings
from line.rates import LINE_SAYS, OTHERWISE, SECOND, limit_for
from tests.conftest import SettableClock

Make = Callable[..., Settings]
HOUR = 3600.0


@pytest.fixture
def in_file(tmp_path: Path, clock: SettableClock) -> Limits:
    """Limits whose time passes only when somebody waits."""
    states = SqliteStates(tmp_path / "limits.db")
    return Limits(
        lambda name: SqliteStore(states, name),
        clock=clock,
        sleep=lambda seconds: clock.advance(seconds=seconds),
    )


def test_a_full_bucket_costs_no_wait_and_an_empty_one_does(in_file: Limits) -> None:
    limit = Limit(10, 1.0, burst=3)
    assert [in_file.wait("push", limit, longest=5) for _ in range(3)] == [0, 0, 0]
    assert in_file.wait("push", limit, longest=5) == pytest.approx(0.1, abs=0.002)


def test_over_time_the_rate_is_kept(in_file: Limits, clock: SettableClock) -> None:
    began, limit = clock(), Limit(10, 1.0, burst=3)
    for _ in range(103):
        in_file.wait("push", limit, longest=5)
    assert (clock() - began).total_seconds() == pytest.approx(10.0, abs=0.2)


def test_each_name_has_a_bucket_of_its_own(in_file: Limits) -> None:
    limit = Limit(1, HOUR, burst=1)
    assert in_file.wait("one", limit, longest=0) == 0
    assert in_file.wait("other", limit, longest=0) == 0
    with pytest.raises(TooLong):
        in_file.wait("one", limit, longest=0)


def test_a_turn_that_is_too_far_off_is_not_waited_for(
    in_file: Limits, clock: SettableClock
) -> None:
    limit = Limit(3, HOUR, burst=3)
    for _ in range(3):
        in_file.wait("batch", limit, longest=5)
    began = clock()
    with pytest.raises(TooLong) as raised:
        in_file.wait("batch", limit, longest=5)
    assert raised.value.wait == pytest.approx(HOUR / 3, abs=1)
    assert clock() == began
    clock.advance(seconds=raised.value.wait)
    assert in_file.wait("batch", limit, longest=5) == 0


def test_a_clock_that_was_set_back_stops_nobody_for_long(
    in_file: Limits, clock: SettableClock
) -> None:
    limit = Limit(10, 1.0, burst=1)
    in_file.wait("push", limit, longest=5)
    clock.advance(days=-30)
    assert in_file.wait("push", limit, longest=5) <= 0.11


def test_a_bucket_can_be_looked_at_and_forgotten(tmp_path: Path) -> None:
    store, rates = SqliteStore(SqliteStates(tmp_path / "l.db"), "push"), [Rate(1, 60_000, 1)]
    assert store.read(BUCKET, rates) == (0,)
    assert store.check(BUCKET, rates, 1_000, 1).allowed
    assert store.read(BUCKET, rates) == (61_000_000,)
    assert not store.check(BUCKET, rates, 1_000, 1).allowed
    store.reset()
    assert store.check(BUCKET, rates, 1_000, 1).allowed
    store.close()


class Counting(SqliteStore):
    """Notes what is asked of the bucket; the first answer is long in coming."""

    def __init__(self, states: SqliteStates) -> None:
        super().__init__(states, "push")
        self.asked: list[int] = []
        self.go = threading.Event()

    def check(self, algorithm: Any, rates: Any, now: int, weight: int) -> Any:
        self.asked.append(weight)
        assert self.go.wait(10)
        return super().check(algorithm, rates, now, weight)


def waited_at_once(limits: Limits, store: Counting, limit: Limit, threads: int) -> list[float]:
    """What each of some threads was told, the others coming while the first is asking."""
    with ThreadPoolExecutor(threads) as pool:
        told = [pool.submit(limits.ask, "push", limit) for _ in range(threads)]
        while limits.wanted("push") < threads:
            time.sleep(0.001)
        store.go.set()
        return [each.result(10) for each in told]


def test_threads_that_wait_ask_for_their_turns_together(
    tmp_path: Path, clock: SettableClock
) -> None:
    store = Counting(SqliteStates(tmp_path / "limits.db"))
    limits, limit = Limits(lambda _: store, clock=clock), Limit(100, 1.0, burst=20)
    assert waited_at_once(limits, store, limit, 8) == [0.0] * 8
    assert store.asked[0] == 1
    assert len(store.asked) < 8
    assert sum(store.asked) == 8, "no turn is had for nobody"
    assert [limits.ask("push", limit) for _ in range(12)] == [0.0] * 12
    assert limits.ask("push", limit) > 0, "twenty were had in all"


def test_where_not_all_have_a_turn_some_have(tmp_path: Path, clock: SettableClock) -> None:
    store = Counting(SqliteStates(tmp_path / "limits.db"))
    limits, limit = Limits(lambda _: store, clock=clock), Limit(100, 1.0, burst=5)
    told = waited_at_once(limits, store, limit, 8)
    assert sum(each == 0 for each in told) == 5


# Several processes

GRAB = """
import sys, time
from core.limits import Limit, TooLong, shared_limits
from core.settings import Settings

settings = Settings.load(None, **dict(
    line_channel_secret="s", line_channel_access_token="t", line_login_channel_id="1",
    line_login_channel_secret="s", liff_id="1-a", public_url="http://localhost",
    secret_key="k" * 32, run_dir=sys.argv[1], redis_url=sys.argv[2]))
limits, limit = shared_limits(settings), Limit(100, 1.0, burst=10)
limits.ask("ready", limit)
print("ready", flush=True)
until = time.time() + float(sys.stdin.readline())
taken = []
while time.time() < until:
    limits.wait("push", limit, longest=5)
    taken.append(time.time())
print(*taken)
"""


def grabbed(processes: int, seconds: float, run_dir: Path, redis_url: str) -> list[float]:
    """When each turn was had, by processes that take all they can get."""
    command = [sys.executable, "-c", GRAB, str(run_dir), redis_url]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for each in started:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
        assert each.stdin is not None
    for each in started:  # all at once
        each.stdin.write(f"{seconds}\n")
        each.stdin.flush()
    said = [each.communicate(timeout=60)[0] for each in started]
    assert [each.returncode for each in started] == [0] * processes
    return sorted(float(word) for words in said for word in words.split())


@pytest.mark.parametrize("kept_in", ["file", "redis"])
def test_three_processes_keep_one_rate(
    kept_in: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    redis_url = request.getfixturevalue("redis_url") if kept_in == "redis" else ""
    taken = grabbed(3, 2.0, tmp_path, redis_url)
    lasted = taken[-1] - taken[0]
    assert len(taken) <= 10 + 100 * lasted + 3
    assert len(taken) >= 0.5 * 100 * lasted, "the rate is hardly used"
    for first in range(len(taken)):
        within = sum(taken[first] <= at < taken[first] + 1 for at in taken[first:])
        assert within <= 110 + 3, "more in one second than a burst and the rate"


@pytest.mark.parametrize("kept_in", ["file", "redis"])
def test_asking_is_cheap_when_nothing_is_near_its_limit(
    kept_in: str, make_settings: Make, request: pytest.FixtureRequest
) -> None:
    redis_url = request.getfixturevalue("redis_url") if kept_in == "redis" else ""
    limits = shared_limits(make_settings(redis_url=redis_url))
    roomy = Limit(1_000_000, 1.0, 1_000_000)
    limits.wait("push", roomy, longest=0)
    began = time.perf_counter()
    for _ in range(500):
        limits.wait("push", roomy, longest=0)
    each = (time.perf_counter() - began) / 500
    assert each < 0.002, f"{each * 1e6:.0f} µs for one turn"


# When the shared store is away


def test_without_redis_each_process_keeps_the_rate_alone(
    make_settings: Make, tmp_path: Path
) -> None:
    limits = shared_limits(make_settings(redis_url="redis://127.0.0.1:1/0"))
    limit = Limit(1, HOUR, burst=1)
    with structlog.testing.capture_logs() as logs:
        assert limits.wait("batch", limit, longest=0) == 0
        with pytest.raises(TooLong):
            limits.wait("batch", limit, longest=0)
    assert [each["event"] for each in logs] == ["limits_not_shared"]


def test_the_shared_store_is_used_again_when_it_is_back(
    tmp_path: Path, clock: SettableClock
) -> None:
    down = True
    states = SqliteStates(tmp_path / "limits.db")

    class Flaky(SqliteStore):
        asked = 0

        def check(self, *given: object) -> object:  # type: ignore[override]
            Flaky.asked += 1
            if down:
                raise sqlite3.OperationalError("database is locked")
            return super().check(*given)  # type: ignore[arg-type]

    limits = Limits(lambda name: Flaky(states, name), clock=clock)
    limit = Limit(100, 1.0, burst=100)
    for _ in range(10):
        limits.ask("push", limit)
    assert Flaky.asked == 1
    down = False
    clock.advance(seconds=5)
    limits.ask("push", limit)
    assert Flaky.asked == 2
    assert states_hold(tmp_path / "limits.db") == ["push"]


def states_hold(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        found = [name for (name,) in connection.execute("SELECT name FROM buckets")]
    connection.close()
    return found


# LINE's figures


@pytest.mark.parametrize("endpoint", [*LINE_SAYS, "POST /v2/bot/message/push"])
def test_we_stay_below_what_line_allows(endpoint: str) -> None:
    allowed, seconds = LINE_SAYS.get(endpoint, OTHERWISE)
    ours = limit_for(endpoint)
    assert ours.requests / ours.seconds < allowed / seconds
    assert ours.burst <= allowed
    if seconds == SECOND:
        assert ours.burst + ours.requests <= allowed


def test_a_bucket_that_is_always_ready_is_never_refused_by_line(
    in_file: Limits, clock: SettableClock
) -> None:
    """LINE's own bucket, asked as fast as ours lets: it never runs dry."""
    for endpoint in LINE_SAYS:
        allowed, seconds = LINE_SAYS[endpoint]
        tokens, at = float(allowed), clock()
        for _ in range(allowed * 3):
            in_file.wait(endpoint, limit_for(endpoint), longest=HOUR)
            passed = (clock() - at).total_seconds()
            tokens, at = min(allowed, tokens + passed * allowed / seconds), clock()
            assert tokens >= 1
            tokens -= 1
