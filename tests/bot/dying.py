"""A database and a LINE at which the process is killed, at a step of one's choice."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from core.database import Database
from line.fake import FakeLine
from line.messages import Message


class Killed(BaseException):
    """The process is gone. Nothing may catch this."""


class Fate:
    """Counts steps, and kills at one of them; 0 kills never."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise Killed


class DyingDatabase(Database):
    """Killed before a transaction, before its commit, or right after it."""

    def __init__(self, healthy: Database, fate: Fate) -> None:
        super().__init__(healthy.bind)
        self.fate = fate

    @contextmanager
    def begin(self, *, alone: bool = False) -> Iterator[Session]:
        self.fate.step()
        with super().begin(alone=alone) as db:
            yield db
            self.fate.step()
        self.fate.step()


class DyingLine:
    """Killed before LINE was asked, or after LINE did it and before we knew."""

    def __init__(self, healthy: FakeLine, fate: Fate) -> None:
        self.healthy, self.fate = healthy, fate

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        def asked(*given: Any, **named: Any) -> Any:
            self.fate.step()
            answer = getattr(self.healthy, verb)(*given, **named)
            self.fate.step()
            return answer

        return asked


def said(line: FakeLine, token: str | None, key: UUID) -> Sequence[Sequence[Message]]:
    """What LINE was asked to say for one owed message, each time it took it."""
    return [s.messages for s in line.sent if s.to == token or s.retry_key == key]
