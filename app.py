"""The web process: wires database and surfaces into one Flask app. No rules, no routes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from bot import webhook
from core import clock, logs, migrations, owed
from core.database import Database, connect
from core.engine import Engine
from core.limits import shared_limits
from core.settings import Settings
from liff import pages, tapping
from line.gateway import Line, Login
from line.login import SdkLogin
from line.sdk import SdkLine
from members import friendship
from members.queues import SILENT
from models import Deauthorization, InboxEvent, MenuAssignment, MenuMove, Outgoing, Sms
from staff import site
from staff.parts import Parts as StaffParts
from web import headers, health, wiring
from web.front import Front

WEBHOOK = "/webhook"


@dataclass(frozen=True)
class Parts:
    """What the surfaces are given; tests bring their own."""

    database: Database
    login: Login
    ring: Callable[..., None]
    last_beat: Callable[[], float | None]
    now: clock.Clock = clock.now
    line: Line | None = None
    """None: LINE as the settings name it; it is not asked before somebody asks us to."""


def create_app(settings: Settings | None = None, parts: Parts | None = None) -> Flask:
    settings = settings or Settings.load()
    if parts is None:
        logs.configure(settings.log_format, settings.log_level)
        parts = _real_parts(settings)
    app = Flask(__name__, static_folder=None)
    shared = wiring.install(app, settings)
    token = settings.metrics_token.get_secret_value()
    machines = health.blueprint(_checks(parts), _gauges(parts), token)
    app.register_blueprint(machines)
    shared.exempt(machines)
    app.register_blueprint(
        pages.blueprint(settings, parts.database, parts.login, parts.ring, parts.now)
    )
    taps = tapping.blueprint(settings, parts.database, parts.now)
    app.register_blueprint(taps)
    shared.limiter.limit(tapping.MOST)(taps)
    line = parts.line or SdkLine(settings, shared_limits(settings))
    staff = StaffParts(settings, parts.database, line, parts.ring, parts.now, parts.last_beat)
    app.register_blueprint(site.blueprint(staff))
    door = webhook.application(settings, parts.database, parts.ring, parts.now)
    app.add_url_rule(WEBHOOK, "webhook", lambda: door, methods=["POST"])  # it is on the map, too
    app.wsgi_app = Front(  # type: ignore[method-assign]  # Flask's own way
        app.wsgi_app, {WEBHOOK: door}, headers.without_pages(settings)
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
        return f"has been silent for {beat:.0f} s" if beat > SILENT.total_seconds() else ""

    return {"database": lambda: migrations.problem(parts.database), "worker": worker}


OWED = (InboxEvent, Outgoing, Sms, Deauthorization, MenuAssignment, MenuMove)


def _gauges(parts: Parts) -> Callable[[], Iterable[tuple[str, str, float]]]:
    """What is owed now, for how long, and what has failed (docs/operations.md says what to do)."""

    def gauges() -> Iterable[tuple[str, str, float]]:
        now = parts.now()
        with parts.database.read() as db:
            for table in OWED:
                name = table.__tablename__
                yield "musubi_waiting", name, owed.waiting(db, table, now)
                yield "musubi_failed", name, owed.failures(db, table)
                if table is not MenuAssignment:  # its due times only say who comes first
                    since = owed.waiting_since(db, table, now)
                    yield "musubi_waiting_seconds", name, _seconds(since, now)
            people, since = friendship.menus_stale(db)
        yield "musubi_waiting", "menu_stale", people
        yield "musubi_waiting_seconds", "menu_stale", _seconds(since, now)
        beat = parts.last_beat()
        if beat is not None:
            yield "musubi_worker_silent_seconds", "worker", beat

    return gauges


def _seconds(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0
