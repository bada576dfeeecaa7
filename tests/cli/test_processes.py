"""Web and worker together: both stop when told, and finish what they have in hand."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CHILD = """
import os, signal, sys, time
say = lambda words: os.write(1, words.encode())  # at once, so that two do not speak together
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append(1))
say("up\\n")
while not told:
    time.sleep(0.01)
time.sleep({finishing})
say(f"told {{len(told)}}\\n")
sys.exit({status})
"""

PARENT = """
import sys
from pathlib import Path
from cli import processes
class Settings:
    run_dir = Path(sys.argv[1])
processes.WEB, processes.WORKER = ([sys.executable, "-c", code] for code in sys.argv[2:])
sys.exit(processes.run_together(Settings))
"""


@contextmanager
def together(folder: Path, web: str, worker: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PARENT, str(folder), web, worker]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        try:
            yield parent
        finally:
            parent.terminate()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_each_is_told_once_and_finishes(tmp_path: Path, told: signal.Signals) -> None:
    quick, slow = (CHILD.format(finishing=long, status=0) for long in (0.1, 1))
    with together(tmp_path, quick, slow) as parent:
        assert parent.stdout is not None
        assert [parent.stdout.readline() for _ in range(2)] == ["up\n", "up\n"]
        os.kill(parent.pid, told)
        assert parent.wait(20) == 0
        assert parent.stdout.read() == "told 1\ntold 1\n"


def test_when_one_ends_the_other_does_too(tmp_path: Path) -> None:
    ends, stays = "import sys; sys.exit(3)", CHILD.format(finishing=0, status=0)
    with together(tmp_path, ends, stays) as parent:
        assert parent.wait(20) == 3, "whoever looks after it learns that it failed"
