"""One writes at a time, whoever it is; who dies or freezes holds nobody up for ever."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from core.turns import Turn

HOLDING = """
import sys, time
from pathlib import Path
from core.turns import Turn
with Turn(Path(sys.argv[1])):
    print("holding", flush=True)
    time.sleep(60)
"""


@contextmanager
def another_process(path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """It has the turn."""
    command = [sys.executable, "-c", HOLDING, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"holding\n"
        yield process
        process.kill()


def test_one_at_a_time_in_a_process_and_between_processes(tmp_path: Path) -> None:
    turns = [Turn(tmp_path / "turn") for _ in range(2)]  # each opens the file, as a process does
    inside, most, seen = 0, 0, threading.Lock()

    def write(n: int) -> None:
        nonlocal inside, most
        with turns[n % 2]:
            with seen:
                inside += 1
                most = max(most, inside)
            time.sleep(0.001)
            with seen:
                inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(100)))
    assert most == 1
    for turn in turns:
        turn.close()


def test_who_has_the_turn_may_take_it_again(tmp_path: Path) -> None:
    mine, theirs = Turn(tmp_path / "turn"), Turn(tmp_path / "turn", patience=0.1)
    with mine:
        with mine:
            pass
        began = time.monotonic()
        with theirs:
            assert time.monotonic() - began >= 0.1, "it is still mine"
    mine.close()
    theirs.close()


def test_a_process_that_is_killed_gives_its_turn_back(tmp_path: Path) -> None:
    turn = Turn(tmp_path / "turn", patience=60)
    with another_process(tmp_path / "turn") as process:
        process.kill()
        began = time.monotonic()
        with turn:
            assert time.monotonic() - began < 30
    turn.close()


def test_a_process_that_is_frozen_is_waited_for_so_long_only(tmp_path: Path) -> None:
    turn = Turn(tmp_path / "turn", patience=0.2)
    with another_process(tmp_path / "turn"):
        began = time.monotonic()
        with turn:
            assert 0.2 <= time.monotonic() - began < 30
    turn.close()
