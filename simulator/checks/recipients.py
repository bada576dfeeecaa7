"""Who a request is for: well-formed user ids, and not too many."""

from simulator import ids
from simulator.errors import LineError


def check_one(user_id: str) -> None:
    """A user id in a path."""
    if not ids.USER_ID.fullmatch(user_id):
        raise LineError(400, "The value for the 'userId' parameter is invalid")


def check_to(to: str) -> None:
    if not ids.USER_ID.fullmatch(to):
        raise LineError(
            400, "The property, 'to', in the request body is invalid (line: -, column: -)"
        )


def check_many(to: list[str], name: str = "to") -> None:
    """One malformed id refuses them all."""
    for n, each in enumerate(to):
        if not ids.USER_ID.fullmatch(each):
            raise LineError(400, f"The property, {name}[{n}], in the request body is invalid")
    if len(set(to)) < len(to):
        raise LineError(400, f"The property, {name}, in the request body has duplicates")
