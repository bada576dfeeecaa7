"""One deployment for all journeys; each journey brings its own people."""

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.journeys.running import Running

_numbers = itertools.count(10_000_001)


@pytest.fixture(scope="session")
def musubi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("musubi")) as running:
        yield running


@pytest.fixture
def new_phone() -> Callable[[], str]:
    """A Japanese mobile number that nobody else in these tests has."""

    def number() -> str:
        return f"+8190{next(_numbers)}"

    return number
