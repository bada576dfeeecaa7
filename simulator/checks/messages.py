"""LINE's limits on messages."""

from collections.abc import Iterator

from simulator.errors import Fault
from simulator.state import Json


def faults(messages: list[Json]) -> Iterator[Fault]:
    yield from ()
