"""Bells are heard at once, a lost bell costs a moment, and what breaks breaks alone."""

import signal
import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from core import engine as engine_module
from core.engine import Engine, Work
from simulator.waiting import until


@pytest.fixture(params=["file", "redis"])
def make_engine(request, make_settings) -> Callable[[], Engine]:
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    settings = make_settings(redis_url=url, worker_threads=2)
    return lambda: Engine(settings)


@pytest.fixture(autouse=True)
def _signals():
    """Huey's consumer takes over the signals of the process it runs in."""
    kept = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def run_while(engine: Engine, story: Callable[[], None]) -> None:
    """Run the worker here; the story is told in another thread, and stops it at its end."""
    failures: list[BaseException] = []

    def tell() -> None:
        try:
            story()
        except AssertionError as e:
            failures.append(e)
        finally:
            engine.stop()

    thread = threading.Thread(target=tell)
    thread.start()
    engine.run()
    thread.join()
    if failures:
        raise failures[0]


class Counting:
    """A kind of work that counts how often it is done."""

    def __init__(self, returns: int = 0) -> None:
        self.times, self.returns = 0, returns

    def __call__(self) -> int:
        self.times += 1
        return self.returns


def test_a_bell_in_one_process_is_answered_in_another(make_engine):
    web, worker, work = make_engine(), make_engine(), Counting()
    worker.add([Work("inbox", work, every=3600)])

    def story():
        until(lambda: work.times == 1)  # the first look
        began = time.monotonic()
        web.ring("inbox")
        until(lambda: work.times == 2)
        assert time.monotonic() - began < 1.5, "heard by the bell, not by a sweep"

    run_while(worker, story)


def test_a_storm_of_bells_is_few(make_engine):
    worker, work = make_engine(), Counting()
    worker.add([Work("inbox", work, every=3600)])

    def story():
        until(lambda: work.times == 1)
        for _ in range(2000):
            worker.ring("inbox")
        until(lambda: work.times >= 2)
        time.sleep(0.3)
        assert work.times < 200

    run_while(worker, story)


def test_without_a_bell_the_sweep_finds_the_work(make_engine):
    worker, work = make_engine(), Counting()
    worker.add([Work("inbox", work, every=0.3)])
    run_while(worker, lambda: until(lambda: work.times >= 3))


def test_work_that_raises_harms_no_other(make_engine):
    worker, work = make_engine(), Counting()

    def broken() -> int:
        raise ValueError("broken")

    worker.add([Work("broken", broken, every=0.1), Work("inbox", work, every=0.1)])
    run_while(worker, lambda: until(lambda: work.times >= 5))


def test_a_worker_shows_life(make_engine):
    web, worker = make_engine(), make_engine()
    worker.add([Work("inbox", Counting())])
    run_while(worker, lambda: until(lambda: web.last_beat() is not None))
    assert web.last_beat() < 10


def test_without_redis_ringing_harms_nobody_and_the_sweep_goes_on(make_settings):
    settings = make_settings(redis_url="redis://127.0.0.1:1/0")
    engine, work = Engine(settings), Counting(1)
    engine.add([Work("inbox", work, every=0.1)])
    engine.ring("inbox")
    sweep = threading.Thread(target=engine._sweep, daemon=True)
    sweep.start()
    until(lambda: work.times >= 2)
    engine.stop()
    sweep.join()


def test_the_constants_leave_room():
    assert engine_module.STORM < engine_module.SWEEP < engine_module.BEAT


def test_a_database_that_is_away_is_no_news_for_a_page_of_traceback(make_engine, capsys):
    def away() -> int:
        raise OperationalError("SELECT 1", {}, ConnectionError("refused"))

    assert make_engine().run_once(Work("inbox", away)) == 0
    said = capsys.readouterr().out
    assert "work_put_off" in said
    assert "Traceback" not in said
