"""A server in a process of its own: started, waited for until it answers, and ended."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from simulator.waiting import until

ROOT = Path(__file__).parent.parent
START, STOP = 90.0, 30.0
"""Seconds it may take to come up and to end, on a busy machine too."""


class Ended(Exception):
    """It has ended by itself before it answered."""


class Child:
    """`is_up` tells whether it answers. Without a `log`, its complaints are ours."""

    def __init__(
        self,
        command: Sequence[str | Path],
        is_up: Callable[[], bool],
        *,
        log: Path | None = None,
        env: Mapping[str, str] | None = None,
        handed: Sequence[int] = (),
    ) -> None:
        self._command, self._is_up, self._env = command, is_up, env
        self._log, self._handed = log, handed
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_how: object) -> None:
        self.stop()

    def start(self) -> None:
        with (self._log or Path(os.devnull)).open("ab") as out:
            process = self._process = subprocess.Popen(  # noqa: S603 - our own programs
                self._command, env=self._env, cwd=ROOT, pass_fds=self._handed,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out if self._log else None,
            )  # fmt: skip
        with contextlib.ExitStack() as undoing:
            undoing.callback(self.stop)  # whatever happens: nothing is left running
            why = f"{self._name} did not come up{self._said()}"
            until(lambda: self._has_come_up(process), why, START)
            undoing.pop_all()

    def _has_come_up(self, process: subprocess.Popen[bytes]) -> bool:
        if process.poll() is not None:
            raise Ended(f"{self._name} ended with {process.returncode}{self._said()}")
        return self._is_up()

    @property
    def _name(self) -> str:
        return " ".join(str(word) for word in self._command[:3])

    def _said(self) -> str:
        return f": see {self._log}" if self._log else ""

    def wait(self) -> None:
        """Until it ends by itself."""
        if self._process is not None:
            self._process.wait()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it if it runs; whoever does not end in time is killed."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
