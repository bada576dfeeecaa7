"""python -m bench.fuzz: webhook bodies and requests that nobody thought of, from a seed.

Nothing may be answered 5xx, nothing may raise, and nothing may take longer than a few seconds.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from bench.fuzz_parts import bodies, requests
from bench.fuzz_parts.watch import Watch
from core import migrations
from core.database import Database, connect
from core.settings import Settings


@dataclass(frozen=True)
class Result:
    what: str
    watch: Watch
    seconds: float
    more: str = ""

    def __str__(self) -> str:
        rate = self.watch.done / max(self.seconds, 0.001)
        head = (
            f"{self.what}: {self.watch.done:,} in {self.seconds:.0f} s ({rate:,.0f}/s), "
            f"broken {self.watch.broken.total()}, hangs {self.watch.hangs}, "
            f"slowest {self.watch.slowest * 1000:.0f} ms{self.more}"
        )
        return "\n".join((head, *self.watch.lines()))


def settings_in(folder: Path) -> Settings:
    return Settings.load(
        None,
        line_channel_id="1000000001",
        line_channel_secret="channel-secret",  # noqa: S106 - nobody's
        line_channel_access_token="channel-token",  # noqa: S106
        line_login_channel_id="2000000002",
        line_login_channel_secret="login-secret",  # noqa: S106
        liff_id="2000000002-AbCdEfGh",
        public_url="http://localhost",
        secret_key="a-key-for-fuzzing-and-nothing-but-fuzzing",  # noqa: S106
        secure_cookies=False,
        run_dir=folder / "run",
        terms_url="https://brand.example/terms",
        sms_sender="webhook",
        sms_webhook_url="http://127.0.0.1:9/sms",
        sms_webhook_secret="sms-secret",  # noqa: S106
        metrics_token="figures",  # noqa: S106
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """The logs of a million refusals are of no use to anybody."""
    structlog.configure(processors=[_drop])
    yield
    structlog.reset_defaults()


def _drop(_logger: object, _method: str, _event: object) -> str:
    raise structlog.DropEvent


@contextmanager
def database_in(folder: Path, url: str = "") -> Iterator[Database]:
    """An empty one: at the URL, or a file of our own."""
    database = connect(url or f"sqlite:///{folder / 'fuzz.db'}")
    migrations.upgrade(database)
    yield database
    database.close()


def run(n_bodies: int, n_requests: int, seed: str, url: str = "") -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as named, _quiet():
        folder = Path(named)
        settings = settings_in(folder)
        with database_in(folder, url) as database:
            if n_bodies:
                began = time.perf_counter()
                watch = bodies.fuzz(n_bodies, seed, settings, database)
                yield Result("bodies", watch, time.perf_counter() - began)
            if n_requests:
                began = time.perf_counter()
                watch, answered = requests.fuzz(n_requests, seed, settings, database)
                said = ", ".join(f"{code}: {count:,}" for code, count in sorted(answered.items()))
                yield Result("requests", watch, time.perf_counter() - began, f"; {said}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.fuzz", description=__doc__)
    parser.add_argument("--bodies", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=3_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--database-url", default="", help="an empty database; else SQLite")
    asked = parser.parse_args()
    clean = True
    for result in run(asked.bodies, asked.requests, asked.seed, asked.database_url):
        sys.stdout.write(f"{result}\n")
        sys.stdout.flush()
        clean = clean and result.watch.is_clean
    sys.exit(not clean)


if __name__ == "__main__":
    main()
