"""The ledger of every request to LINE's side, for tests to read."""

import itertools
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT_HEADERS = ("Content-Type", "X-Line-Retry-Key", "User-Agent", "Host")
MOST = 100_000


@dataclass
class Request:
    n: int
    at: int
    method: str
    path: str
    query: str
    headers: dict[str, str]
    json: Any = None
    status: int | None = None
    request_id: str = ""
    duplicate: bool = False
    """Its retry key had been accepted before."""
    dropped: bool = False
    """The connection was closed without an answer."""
    fields: dict[str, Any] = field(default_factory=dict)
    """The form's fields, where the body is a form."""


class Ledger:
    """Guarded by the world's lock, like everything else."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._requests: deque[Request] = deque(maxlen=MOST)

    def open(self, **said: Any) -> Request:
        request = Request(n=next(self._numbers), **said)
        self._requests.append(request)
        return request

    def since(self, n: int) -> list[dict[str, Any]]:
        return [asdict(each) for each in self._requests if each.n > n]

    def clear(self) -> None:
        """Forget the requests; the numbers go on."""
        self._requests.clear()

    @property
    def last(self) -> int:
        return self._requests[-1].n if self._requests else 0
