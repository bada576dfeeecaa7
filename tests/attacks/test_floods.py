"""What anybody may ask for costs those who work nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from core import migrations
from core.database import Database
from core.settings import Settings
from tests.attacks.walking import addresses

OPEN = ("/readyz", "/healthz", "/metrics", "/liff/qr/me.svg", "/nowhere")


def test_looking_whether_we_are_ready_waits_for_no_writer(
    fresh_database: Database, make_app: Callable[..., Flask], settings: Settings
) -> None:
    """SQLite has one writer; an import must not look like an outage, nor a flood stop a webhook."""
    app = make_app(settings, fresh_database)
    with fresh_database.begin() as db, ThreadPoolExecutor(1) as other:
        db.connection()  # holds the one writer's place
        for path in OPEN:
            asked = other.submit(lambda path=path: app.test_client().get(path))
            assert asked.result(timeout=10).status_code in (200, 404, 503)


def test_at_readiness_is_told_what_to_do_and_no_more(
    fresh_database: Database, make_app: Callable[..., Flask], settings: Settings
) -> None:
    said = make_app(settings, fresh_database).test_client().get("/readyz").get_json()
    assert said["database"].startswith(("ok", "is at"))
    assert migrations.wanted() in said["database"] or said["database"] == "ok"
    assert "://" not in str(said)


def test_every_open_door_is_known(app: Flask) -> None:
    """Whatever answers machines is exempt from the limit per address: they are few, and cheap."""
    machines = {a.path for a in addresses(app) if a.endpoint.split(".")[0] in ("health", "webhook")}
    assert machines == {"/healthz", "/readyz", "/metrics", "/webhook"}
