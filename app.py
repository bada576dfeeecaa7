"""The web process: wires database and surfaces into one Flask app. No rules, no routes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flask import Flask

from bot import webhook
from core import clock, logs, migrations, owed
from core.database import Database, connect
from core.engine import Engine
from core.settings import Settings
from liff import pages
from line.gateway import Login
from line.login import SdkLogin
from models import Deauthorization, InboxEvent, Outgoing, Sms
from web import health, wiring

WORKER_SILENT = 60.0
"""Seconds without a sign of life after which the worker counts as gone."""


@dataclass(frozen=True)
class Parts:
    """What the surfaces are given; tests bring their own."""

    database: Database
    login: Login
    ring: Callable[..., None]
    last_beat: Callable[[], float | None]
    now: clock.Clock = clock.now


def create_app(settings: Settings | None = None, parts: Parts | None = None) -> Flask:
    settings = settings or Settings.load()
    if parts is None:
        logs.configure(settings.log_format, settings.log_level)
        parts = _real_parts(settings)
    app = Flask(__name__, static_folder=None)
    shared = wiring.install(app, settings)
    machines = (
        webhook.blueprint(settings, parts.database, parts.ring, parts.now),
        health.blueprint(_checks(parts), _gauges(parts), settings.metrics_token.get_secret_value()),
    )
    for blueprint in machines:
        app.register_blueprint(blueprint)
        shared.exempt(blueprint)
    app.register_blueprint(
        pages.blueprint(settings, parts.database, parts.login, parts.ring, parts.now)
    )
    return app


def _real_parts(settings: Settings) -> Parts:
    engine = Engine(settings)
    return Parts(
        database=connect(settings.database_url, pool_size=settings.web_threads),
        login=SdkLogin(settings),
        ring=engine.ring,
        last_beat=engine.last_beat,
    )


def _checks(parts: Parts) -> Mapping[str, health.Check]:
    def worker() -> str:
        beat = parts.last_beat()
        if beat is None:
            return "has never run: start musubi worker"
        return f"has been silent for {beat:.0f} s" if beat > WORKER_SILENT else ""

    return {"database": lambda: migrations.problem(parts.database), "worker": worker}


def _gauges(parts: Parts) -> Callable[[], Iterable[tuple[str, str, float]]]:
    def gauges() -> Iterable[tuple[str, str, float]]:
        tables = (InboxEvent, Outgoing, Sms, Deauthorization)
        with parts.database.read() as db:
            for table in tables:
                name = table.__tablename__
                yield "musubi_waiting", name, owed.waiting(db, table, parts.now())

    return gauges
