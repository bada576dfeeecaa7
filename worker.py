"""The background process: wires the kinds of work to the engine and runs it. No rules."""

from collections.abc import Iterable

from accounts import retention as staff
from bot import inbox
from core import clock, logs
from core.database import Database, connect
from core.engine import Engine, Work
from core.limits import shared_limits
from core.settings import Settings
from deliveries import outbox
from line.gateway import Line, Login
from line.login import SdkLogin
from line.sdk import SdkLine
from members import deauthorizing, figures, funnel, retention, sms
from richmenus import assignment, carrying_out, forgetting, trial_runs

KEEPERS = (
    figures.work, funnel.fold, retention.work, forgetting.work, inbox.forget, outbox.forget,
    staff.work,
)  # fmt: skip
"""What time does to rows: days are put down, marks become counts, the rest is forgotten."""
KEEP_EVERY = 600.0
"""Seconds between looks for what has been kept long enough."""


def works(
    settings: Settings, database: Database, line: Line, login: Login, engine: Engine
) -> Iterable[Work]:
    """Every kind of work there is."""
    now, sender = clock.now, sms.sender(settings)
    yield Work("inbox", lambda: inbox.work(database, line, now, settings, ring=engine.ring))
    yield Work("outgoing", lambda: outbox.work(database, line, now))
    yield Work("menus", lambda: assignment.work(database, line, now, settings))
    yield Work("publishing", lambda: carrying_out.work(database, line, now, ring=engine.ring))
    yield Work("trials", lambda: trial_runs.work(database, line, now, ring=engine.ring))
    yield Work("sms", lambda: sms.work(database, sender, now, settings))
    yield Work("deauthorize", lambda: deauthorizing.work(database, login, now(), settings))
    yield Work(
        "keep",
        lambda: sum(keep(database, now(), settings) for keep in KEEPERS),
        every=KEEP_EVERY,
    )


def main() -> None:
    settings = Settings.load()
    logs.configure(settings.log_format, settings.log_level)
    database = connect(settings.database_url, pool_size=settings.worker_threads + 2)
    line = SdkLine(settings, shared_limits(settings))
    login = SdkLogin(settings)
    engine = Engine(settings)
    engine.add(works(settings, database, line, login, engine))
    try:
        engine.run()
    finally:
        line.close()
        login.close()
        database.close()


if __name__ == "__main__":
    main()
