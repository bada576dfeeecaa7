"""One scaled deployment for these tests: PostgreSQL, Redis, two web processes, three workers."""

from collections.abc import Iterator

import pytest

from bench.chaos_parts.people import PASSWORD
from bench.deployment import Deployment
from bench.stores import Postgres, Redis
from core.database import Database, connect
from core.passwords import hash_password

GOLD, PLAIN = "S0001", "S0002"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres() as running:
        yield running


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with Redis() as running:
        yield running


@pytest.fixture(scope="module")
def scaled(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, redis: Redis
) -> Iterator[Deployment]:
    urls = {"DATABASE_URL": postgres.database("scaled"), "REDIS_URL": redis.url}
    with Deployment(tmp_path_factory.mktemp("scaled"), **urls) as running:
        file = running.folder / "members.csv"
        secret = f'"{hash_password(PASSWORD)}"'
        file.write_text(
            "number,name,phone,rank,password_hash\n"
            f"{GOLD},町田 花子,+819010000001,gold,{secret}\n"
            f"{PLAIN},町田 太郎,+819010010008,regular,{secret}\n",
            "utf-8",
        )
        running.do("members", "import", str(file))
        yield running


@pytest.fixture
def its_database(scaled: Deployment) -> Iterator[Database]:
    database = connect(scaled.settings["DATABASE_URL"])
    yield database
    database.close()
