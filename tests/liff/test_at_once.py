"""Two people, one member, the same instant; and what is written down about it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import text as text_
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from core.database import Database
from core.settings import Settings
from line.fake import FakeLogin
from models import Outgoing
from tests.liff.conftest import PASSWORD, World
from tests.liff.visitor import ANN, BEN, Visitor
from texts import text


def test_exactly_one_wins_and_the_other_is_told(
    fresh_database: Database,
    make_app_on: Callable[[Settings, Database], Flask],
    settings: Settings,
    login: FakeLogin,
) -> None:
    world = World(fresh_database, settings)
    world.member()
    app = make_app_on(settings, fresh_database)
    visitors = [Visitor(app, login, user).sign_in() for user in (ANN, BEN)]
    for number, visitor in enumerate(visitors):
        # The member's own number for one; the other has the password.
        visitor.get(("/liff/phone", "/liff/log-in")[number])
    visitors[0].submit("/liff/phone", phone="090-1234-5678")
    code = world.code(ANN)
    start = Barrier(2)

    def by_phone() -> Visitor:
        start.wait()
        return visitors[0].submit(code=code)

    def by_password() -> Visitor:
        start.wait()
        return visitors[1].submit(name="M1001", password=PASSWORD)

    with ThreadPoolExecutor() as pool:
        ends = [each.result() for each in [pool.submit(by_phone), pool.submit(by_password)]]
    winners = [visitor for visitor in ends if visitor.path == "/liff/done"]
    assert len(winners) == 1
    assert [who for who, *_ in world.links()] == [winners[0].user]
    [other] = [visitor for visitor in ends if visitor not in winners]
    if other.path == "/liff/confirm":  # it came a breath later: asked, and then told
        other.submit()
    assert other.status == 409
    assert text("members.linked_elsewhere_just_now", "ja") in other.text
    thanks = [row for row in world.all(Outgoing) if row.key.startswith("thanks:")]
    assert [row.friend_id for row in thanks] == [world.friend_id(winners[0].user)]


def test_one_person_in_two_tabs_is_linked_once(
    fresh_database: Database,
    make_app_on: Callable[[Settings, Database], Flask],
    settings: Settings,
    login: FakeLogin,
) -> None:
    world = World(fresh_database, settings)
    world.member()
    app = make_app_on(settings, fresh_database)
    tab = Visitor(app, login).sign_in().get("/liff/log-in")
    other = Visitor(app, login)
    other.cookie = tab.cookie
    other.get("/liff/log-in")
    start = Barrier(2)

    def send(visitor: Visitor) -> Visitor:
        start.wait()
        return visitor.submit(name="M1001", password=PASSWORD)

    with ThreadPoolExecutor() as pool:
        ends = list(pool.map(send, (tab, other)))
    assert {visitor.path for visitor in ends} <= {"/liff/done", "/liff/me"}
    assert world.links() == [(ANN, "M1001", "login")]
    assert len(world.all(Outgoing)) == 1


def test_logs_name_nobody(ann: Visitor, world: World, login: FakeLogin) -> None:
    world.member()
    with capture_logs() as logs:
        ann.present(login.bad_token("signature"))
        ann.sign_in().submit("/liff/phone", phone="090-1234-5678")
        ann.submit(code="000000").submit(code=world.code())
        ann.submit("/liff/me/unlink", access_token="access-token-of-ann")
        ann.get("/liff/nowhere?phone=09012345678")
    assert {"sign_in_refused", "friend_unlinked"} <= {each["event"] for each in logs}
    written = repr(logs)
    for secret in ("12345678", ANN, "花子", "M1001", "token-of", "id-token", "bad-token", "@"):
        assert secret not in written


def test_an_error_of_the_database_quotes_nobody(fresh_database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, fresh_database.begin() as db:
        db.execute(text_("SELECT :phone FROM nowhere"), {"phone": "+819012345678"})
    assert "12345678" not in str(caught.value)
