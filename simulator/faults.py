"""Failures on demand: the next so many requests that match go wrong in the chosen way."""

import re
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

Kind = Literal["status", "drop_before", "drop_after", "slow"]
KINDS = ("status", "drop_before", "drop_after", "slow")


@dataclass
class Failure:
    match: str
    """A beginning, or a pattern, of "METHOD /path"; one that starts with / is of the path alone."""
    kind: Kind
    count: int = 1
    status: int = 500
    message: str = ""
    seconds: float = 0.0

    def fits(self, method: str, path: str) -> bool:
        asked = path if self.match.startswith("/") else f"{method} {path}"
        return asked.startswith(self.match) or re.match(self.match, asked) is not None


class Faults:
    """Guarded by the world's lock."""

    def __init__(self) -> None:
        self._waiting: list[Failure] = []

    def add(self, asked: dict[str, Any]) -> Failure:
        if asked.get("kind") not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        re.compile(str(asked["match"]))
        failure = Failure(
            match=str(asked["match"]),
            kind=cast(Kind, asked["kind"]),
            count=int(asked.get("count", 1)),
            status=int(asked.get("status", 500)),
            message=str(asked.get("message", "")),
            seconds=float(asked.get("seconds", 0)),
        )
        self._waiting.append(failure)
        return failure

    def take(self, method: str, path: str) -> Failure | None:
        """The first failure that fits, which is thereby one fewer."""
        for failure in self._waiting:
            if failure.fits(method, path):
                failure.count -= 1
                if failure.count <= 0:
                    self._waiting.remove(failure)
                return failure
        return None

    def clear(self) -> None:
        self._waiting.clear()

    def waiting(self) -> list[dict[str, Any]]:
        return [asdict(each) for each in self._waiting]
