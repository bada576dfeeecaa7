"""Starting processes of the product, freshly or forked from one that has read the code."""

import atexit
import contextlib
import functools
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parent.parent
MUSUBI = Path(sys.executable).parent / "musubi"
PATIENCE = 60.0


@dataclass
class Process:
    pid: int
    ended: threading.Event = field(default_factory=threading.Event)
    status: int | None = None

    def signal(self, what: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, what)

    def children(self) -> list[int]:
        """Of gunicorn: the processes that answer."""
        with contextlib.suppress(OSError):
            listed = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
            return [int(pid) for pid in listed.split()]
        return []

    def wait(self, seconds: float) -> int | None:
        """Its exit code; None when it has not ended."""
        self.ended.wait(seconds)
        return self.status

    def stop(self, seconds: float = PATIENCE) -> None:
        self.signal(signal.SIGTERM)
        if self.wait(seconds) is None:
            self.signal(signal.SIGKILL)
            self.wait(seconds)


class Starter(Protocol):
    def start(self, words: Sequence[str], log: Path, env: Mapping[str, str]) -> Process:
        """A process that does what `musubi` does with these words."""


class Fresh:
    """Each process is a command of its own, as somebody would type it."""

    def start(self, words: Sequence[str], log: Path, env: Mapping[str, str]) -> Process:
        with log.open("ab") as out:
            started = subprocess.Popen(
                [MUSUBI, *words], env=env, cwd=ROOT, stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        process = Process(started.pid)

        def wait() -> None:
            process.status = started.wait()
            process.ended.set()

        threading.Thread(target=wait, daemon=True).start()
        return process


class Forged:
    """Each process is forked from one that has read the code: there within a moment."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._made: dict[int, Process] = {}
        self._by_pid: dict[int, Process] = {}
        self._told = threading.Condition()
        self._over = False
        self._figures = tempfile.TemporaryDirectory()  # its own; each process is told another
        self._forge = subprocess.Popen(
            [sys.executable, "-m", "bench.forge"], cwd=ROOT,
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": self._figures.name},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def start(self, words: Sequence[str], log: Path, env: Mapping[str, str]) -> Process:
        number = next(self._numbers)
        asked = {"id": number, "words": list(words), "log": str(log), "env": dict(env)}
        with self._told:
            assert self._forge.stdin is not None
            self._forge.stdin.write(json.dumps(asked).encode() + b"\n")
            self._forge.stdin.flush()
            self._told.wait_for(lambda: number in self._made or self._over, PATIENCE)
            if number not in self._made:
                raise TimeoutError(f"nothing was started: musubi {' '.join(words)}")
            return self._made.pop(number)

    def _listen(self) -> None:
        assert self._forge.stdout is not None
        for line in self._forge.stdout:
            said = json.loads(line)
            with self._told:
                if "id" in said:
                    process = self._made[said["id"]] = Process(said["pid"])
                    self._by_pid[said["pid"]] = process
                else:
                    process = self._by_pid.pop(said["pid"])
                    process.status = said["status"]
                    process.ended.set()
                self._told.notify_all()
        with self._told:
            self._over = True
            self._told.notify_all()

    def close(self) -> None:
        """Whatever still runs is killed."""
        assert self._forge.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._forge.stdin.close()
        self._forge.wait(PATIENCE)
        self._listener.join(PATIENCE)
        assert self._forge.stdout is not None
        self._forge.stdout.close()
        self._figures.cleanup()


@functools.cache
def forge() -> Forged:
    """The one for all that is started here; it ends when we do."""
    made = Forged()
    atexit.register(made.close)
    return made
