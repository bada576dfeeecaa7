"""What every fake of LINE does with a question: it remembers it, and fails as it was told to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.database import in_transaction
from line.gateway import LineError, LineUnavailable


@dataclass
class Asked:
    calls: list[str] = field(default_factory=list)
    """Every verb that was asked, in order, failed ones too."""
    fail_with: dict[str, LineError] = field(default_factory=dict)
    """What a verb raises instead of doing anything, until taken out; `*` is every verb."""
    lose_answer: set[str] = field(default_factory=set)
    """Verbs that do what they should, once, and then raise LineUnavailable all the same."""
    meanwhile: dict[str, Callable[[], object]] = field(default_factory=dict)
    """What else happens in the world just when a verb is asked; raising is dying there."""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def _asked(self, verb: str) -> Iterator[None]:
        if in_transaction():
            raise AssertionError(f"called LINE ({verb}) while holding a transaction open")
        self.calls.append(verb)
        self.meanwhile.get(verb, lambda: None)()
        error = self.fail_with.get(verb) or self.fail_with.get("*")
        if error:
            raise error
        with self._lock:
            yield
        if verb in self.lose_answer:
            self.lose_answer.discard(verb)
            raise LineUnavailable("the answer was lost on the way")
