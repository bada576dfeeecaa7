"""What every test may ask for: real databases, a settable clock, a double of LINE, a browser."""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from xdist.remote import Producer

from bench.stores import new_database
from core.database import Database, connect
from core.settings import Settings
from line.fake import FakeLine
from line.fake_login import FakeLogin
from models import Base
from simulator import pointing
from simulator.running import Simulator
from tests import compiled, servers, sharing

CI = os.environ.get("CI") == "true"
# A machine with other work is slow, which is no failure. CI tries the same examples each time; what
# is new is looked for at our desks.
hypothesis.settings.register_profile(
    "musubi", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=CI
)
hypothesis.settings.register_profile(
    "long", hypothesis.settings.get_profile("musubi"), max_examples=300, derandomize=False
)
hypothesis.settings.load_profile("musubi")

# What is compiled is kept, even where somebody wants no such files: these tests start hundreds of
# processes of one program.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

compiled.once()

NOON = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
"""Noon in Tokyo, on a day of no importance."""


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are processors: a third of the time tests wait for processes."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> sharing.Sharing:
    return sharing.Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=sharing.turn)


def pytest_collection_finish() -> None:
    """What stays to the end, ten thousand tests and all that is imported, is not looked through
    for garbage over and over."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000)


class SettableClock:
    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **how_long: float) -> datetime:
        self.now += timedelta(**how_long)
        return self.now


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def now(clock: SettableClock) -> datetime:
    return clock.now


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings as a test wants them; the rest is plain and complete."""

    def make(**given: Any) -> Settings:
        plain = {
            "line_channel_id": "1000000001",
            "line_channel_secret": "channel-secret",
            "line_channel_access_token": "channel-token",
            "line_login_channel_id": "2000000002",
            "line_login_channel_secret": "login-secret",
            "liff_id": "2000000002-AbCdEfGh",
            "public_url": "http://localhost",
            "secret_key": "a-key-for-tests-and-nothing-but-tests",
            "secure_cookies": False,
            "run_dir": tmp_path / "run",
            "terms_url": "https://brand.example/terms",
            "privacy_url": "https://brand.example/privacy",
            "sms_sender": "webhook",
            "sms_webhook_url": "http://127.0.0.1:9/sms",
            "sms_webhook_secret": "sms-secret",
        }
        return Settings.load(None, **(plain | given))

    return make


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings()


def pointed_at(line: Simulator) -> dict[str, Any]:
    """What to give `make_settings`, so that the product takes this simulator for LINE."""
    channels = pointing.channels(line.settings, line.url)
    return {name.lower(): value for name, value in channels.items()} | {
        "line_channel_access_token": line.settings.access_token
    }


# Databases


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    with servers.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def make_postgresql(postgresql_url: str, worker_id: str) -> Callable[[str], str]:
    """A new, empty database on the tests' PostgreSQL; its URL."""

    def make(name: str) -> str:
        return new_database(postgresql_url, f"musubi_{name}_{worker_id}_{os.getpid()}")

    return make


def _with_tables(database: Database) -> Database:
    Base.metadata.create_all(database.engine)
    return database


@pytest.fixture(scope="session")
def _sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = _with_tables(connect(f"sqlite:///{tmp_path_factory.mktemp('db') / 'test.db'}"))
    yield database
    database.close()


@pytest.fixture(scope="session")
def _postgresql(make_postgresql: Callable[[str], str]) -> Iterator[Database]:
    database = _with_tables(connect(make_postgresql("undone")))
    yield database
    database.close()


@pytest.fixture(scope="session")
def _committed_postgresql(make_postgresql: Callable[[str], str]) -> Iterator[Database]:
    database = _with_tables(connect(make_postgresql("kept"), pool_size=20))
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The real database, once each. Whatever a test commits is undone after it."""
    whole: Database = request.getfixturevalue(f"_{request.param}")
    with whole.engine.connect() as connection:
        transaction = connection.begin()
        yield Database(connection)
        transaction.rollback()


on_one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For what looks at headers, addresses and shapes: what they ask of a database, others ask both."""


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database whose commits are real: for races, and for several processes."""
    if request.param == "sqlite":
        own = _with_tables(connect(f"sqlite:///{tmp_path / 'fresh.db'}", pool_size=20))
        yield own
        own.close()
        return
    kept: Database = request.getfixturevalue("_committed_postgresql")
    yield kept
    tables = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with kept.engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {tables} CASCADE")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with servers.redis_server() as url:
        yield url


# LINE


@pytest.fixture
def line() -> FakeLine:
    return FakeLine()


@pytest.fixture
def login() -> FakeLogin:
    return FakeLogin()


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """LINE, played by a process of its own; ask it with `simulator.control(…)`."""
    with Simulator() as running:
        yield running


# A browser


CHROMIUM_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Browser]]:
    """Start a Chromium, with more flags than the plain ones when it must be."""
    path = servers.chromium()
    if path is None:
        assert not CI, "CI must have a Chromium: see .ci/run"
        pytest.skip("no Chromium on this machine (install one, or set CHROMIUM to its path)")
    with sync_playwright() as playwright:
        yield lambda *flags: playwright.chromium.launch(
            executable_path=path, args=[*CHROMIUM_FLAGS, *flags]
        )


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Iterator[Browser]:
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 375, "height": 780}, locale="ja-JP")
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
