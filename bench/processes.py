"""Starting processes of the product, freshly or forked from one that has read the code."""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
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
    def start(self, words: Sequence[str], log: Path) -> Process:
        """A process that does what `musubi` does with these words."""

    def close(self) -> None: ...


class Fresh:
    """Each process is a command of its own, as somebody would type it."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def start(self, words: Sequence[str], log: Path) -> Process:
        with log.open("ab") as out:
            started = subprocess.Popen(
                [MUSUBI, *words], env=self._env, cwd=ROOT, stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        process = Process(started.pid)

        def wait() -> None:
            process.status = started.wait()
            process.ended.set()

        threading.Thread(target=wait, daemon=True).start()
        return process

    def close(self) -> None: ...


class Forged:
    """Each process is forked from one that has read the code: there within a moment."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._numbers = itertools.count()
        self._made: dict[int, Process] = {}
        self._by_pid: dict[int, Process] = {}
        self._told = threading.Condition()
        self._forge = subprocess.Popen(
            [sys.executable, "-m", "bench.forge"], env=env, cwd=ROOT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, words: Sequence[str], log: Path) -> Process:
        number = next(self._numbers)
        asked = {"id": number, "words": list(words), "log": str(log)}
        with self._told:
            assert self._forge.stdin is not None
            self._forge.stdin.write(json.dumps(asked).encode() + b"\n")
            self._forge.stdin.flush()
            if not self._told.wait_for(lambda: number in self._made, PATIENCE):
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

    def close(self) -> None:
        assert self._forge.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._forge.stdin.close()
        self._forge.wait(PATIENCE)
        assert self._forge.stdout is not None
        self._forge.stdout.close()
