"""How LINE says no."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a request: what, and in which property."""

    message: str
    property: str


class LineError(Exception):
    """An answer that is not a success, in the body LINE documents for the Messaging API."""

    def __init__(
        self,
        status: int,
        message: str,
        faults: Sequence[Fault] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.faults = status, message, tuple(faults)
        self.headers = headers or {}
        self.more: dict[str, object] = {}

    def body(self) -> dict[str, object]:
        body: dict[str, object] = {"message": self.message}
        if self.faults:
            body["details"] = [
                {"message": each.message, "property": each.property} for each in self.faults
            ]
        return body | self.more


class LoginError(LineError):
    """The same for LINE Login and the token endpoints, whose bodies are OAuth's."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(status, description)
        self.error = error

    def body(self) -> dict[str, object]:
        return {"error": self.error, "error_description": self.message}


class UnansweredError(Exception):
    """The connection closes and nobody ever hears how it went."""


def refuse(faults: Sequence[Fault]) -> None:
    """Raise what LINE answers to a body with these faults; do nothing when there are none."""
    if faults:
        raise LineError(400, f"The request body has {len(faults)} error(s)", faults)
