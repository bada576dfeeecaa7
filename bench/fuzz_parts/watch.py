"""Lets one thing after the other happen under a time limit, and remembers what went wrong."""

import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

HANG = 5.0
"""Seconds after which one request, or one body, counts as hanging."""
RUN_QUEUE = Path("/proc/self/schedstat")
"""Where Linux says how long this thread ran, and how long it waited for a processor."""


class Hung(BaseException):
    """Past the time limit; nothing may catch it on the way."""


@dataclass
class Watch:
    limit: float = HANG
    done: int = 0
    hangs: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    """What was raised, and where; how often."""
    first: dict[str, str] = field(default_factory=dict)
    """The first occasion of each, by which it can be had again."""
    slowest: float = 0.0

    @contextmanager
    def one(self, name: str) -> Iterator[None]:
        """One thing of this name: whatever it raises is noted, and the next may come."""
        began = _clock()

        def look(_signal: int, _frame: FrameType | None) -> None:
            if _clock() - began >= self.limit:
                raise Hung

        before = signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, self.limit, self.limit / 4)
        try:
            yield
        except Hung as e:
            self.hangs += 1
            self.note(f"hung in {_place(e)}", name)
        except Exception as e:  # noqa: BLE001 - finding what is raised is what this is for
            self.note(f"{type(e).__name__} in {_place(e)}: {str(e)[:120]}", name)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            self.done += 1
            self.slowest = max(self.slowest, _clock() - began)

    def note(self, what: str, name: str) -> None:
        self.broken[what] += 1
        self.first.setdefault(what, name)

    @property
    def is_clean(self) -> bool:
        return not self.broken and not self.hangs

    def lines(self) -> Iterator[str]:
        for what, count in self.broken.most_common(20):
            yield f"{count:>7}  {what}  (first: {self.first[what]})"


def _clock() -> float:
    """Seconds, without those for which we could have run and others did: a machine that is busy
    with something else makes nothing hang."""
    waited = int(RUN_QUEUE.read_text().split()[1]) / 1e9 if RUN_QUEUE.exists() else 0.0
    return time.perf_counter() - waited


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "site-packages" not in f.filename] or frames
    return f"{ours[-1].filename.rpartition('/')[2]}:{ours[-1].lineno}" if ours else "?"
