"""Rows brought at the same moment are one commit, and nobody suffers from a neighbour."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import DataError, OperationalError

from core.gathered import Gathered
from simulator.waiting import until


class Table:
    """Commits once `open`; says what each commit held."""

    def __init__(self) -> None:
        self.commits: list[list[str]] = []
        self.begun = 0
        self.open = threading.Event()

    def write(self, rows: list[str]) -> None:
        self.begun += 1
        assert self.open.wait(10)
        if "poison" in rows:
            raise DataError("INSERT", None, Exception("poison"))
        self.commits.append(rows)


@pytest.fixture
def table() -> Table:
    return Table()


def put_while_one_is_written(table: Table, *brought: str) -> list[BaseException | None]:
    """`first` is being written while all the others come."""
    gathered = Gathered(table.write, 100)
    with ThreadPoolExecutor(len(brought) + 1) as pool:
        done = [pool.submit(gathered.put, ["first"])]
        until(lambda: table.begun)
        done += [pool.submit(gathered.put, [each]) for each in brought]
        until(lambda: len(gathered._waiting) == len(brought))
        table.open.set()
    return [each.exception() for each in done]


def test_what_comes_during_a_commit_is_the_next(table):
    assert put_while_one_is_written(table, "a", "b", "c") == [None] * 4
    assert [sorted(each) for each in table.commits] == [["first"], ["a", "b", "c"]]


def test_a_neighbours_trouble_is_the_neighbours(table):
    outcomes = put_while_one_is_written(table, "a", "poison", "b")
    assert [type(each) for each in outcomes] == [type(None), type(None), DataError, type(None)]
    assert sorted(row for each in table.commits for row in each) == ["a", "b", "first"]


def test_a_database_that_is_away_is_everybodys_trouble():
    def away(rows: list[str]) -> None:
        raise OperationalError("INSERT", None, Exception("away"))

    with pytest.raises(OperationalError):
        Gathered(away, 100).put(["a"])


def test_an_error_of_ours_is_raised_and_the_next_goes_on(table):
    table.open.set()

    def write(rows: list[str]) -> None:
        if rows == ["odd"]:
            raise TypeError
        table.write(rows)

    gathered = Gathered(write, 100)
    with pytest.raises(TypeError):
        gathered.put(["odd"])
    gathered.put(["a"])
    assert table.commits == [["a"]]


def test_whoever_dies_at_the_writing_takes_nobodys_rows_along(table):
    """Nobody is told that their rows are safe when they are not."""
    dies = True

    def write(rows: list[str]) -> None:
        nonlocal dies
        if len(rows) > 1 and dies:
            dies = False
            raise SystemExit
        table.write(rows)

    gathered = Gathered(write, 100)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(gathered.put, ["first"])
        until(lambda: table.begun)
        done = [pool.submit(gathered.put, [each]) for each in ("a", "b", "c")]
        until(lambda: len(gathered._waiting) == 3)
        table.open.set()
        died = [each.exception() for each in done]
    safe = {name for name, trouble in zip("abc", died, strict=True) if trouble is None}
    assert first.exception() is None
    assert len(safe) == 2
    assert safe <= {row for each in table.commits for row in each}


def test_alone_nobody_waits():
    commits: list[list[str]] = []
    Gathered(commits.append, 100, pause=3600).put(["alone"])
    assert commits == [["alone"]]


def test_in_a_crowd_commits_are_few():
    commits: list[list[str]] = []
    gathered = Gathered(commits.append, 100, pause=0.1)
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda n: gathered.put([str(n)]), range(20)))
    assert len(commits) < 8
    assert sorted(row for each in commits for row in each) == sorted(map(str, range(20)))


def test_when_all_threads_wait_nobody_is_waited_for():
    commits: list[list[str]] = []
    gathered = Gathered(commits.append, 4, pause=3600)
    gathered.put(["alone"])
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: gathered.put([str(n)]), range(12)))
    assert [len(each) for each in commits] == [1, 4, 4, 4]
