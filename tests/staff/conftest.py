"""The staff site on the test's database, with one account of each role, and browsers to sign in."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from accounts import sessions, team
from accounts.actors import Actor
from app import Parts, create_app
from core.database import Database
from core.passwords import hash_password
from core.settings import Settings
from line.fake import FakeLine
from line.fake_login import FakeLogin
from models import Role, StaffAccount
from richmenus import desk, drafts
from staff import access
from tests.conftest import SettableClock
from tests.web.reading import Read, problems, read

PASSWORD = "correct horse battery"
PASSWORD_HASH = hash_password(PASSWORD)
COOKIE = "musubi-staff"
ON_ONE = {"test_me", "test_menus", "test_openid", "test_publishing", "test_rules", "test_team"}
"""Pages whose every statement is a feature's, which is tried on both databases itself: once is
enough. The others (access, people, today, trials) are tried on both here, too."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    once = {
        item
        for item in items
        if item.path.parent == here and item.path.stem in ON_ONE and "[postgresql" in item.name
    }
    if once:
        config.hook.pytest_deselected(items=list(once))
        items[:] = [item for item in items if item not in once]


class Site:
    """The app, its people, and what a browser of theirs does. Every page that is fetched through
    `get` and `post` is checked: valid, labelled, with its form tokens, under a strict policy."""

    def __init__(self, app: Flask, database: Database, settings: Settings, clock: Any) -> None:
        self.app, self.database, self.settings, self.clock = app, database, settings, clock
        self.accounts: dict[Role, UUID] = {}

    # People

    def add(self, role: Role, email: str = "", name: str = "", **more: Any) -> StaffAccount:
        """An active account whose password is PASSWORD."""
        who = Actor(None, "test", "", self.clock())
        with self.database.begin() as db:
            account = team.add(
                db, who, email or f"{role.value}@example.com", name or f"{role.value} 花子", role,
                language=more.pop("language", "ja"),
            )  # fmt: skip
            account.password_hash, account.joined_at = PASSWORD_HASH, self.clock()
            for field, value in more.items():
                setattr(account, field, value)
        return account

    def account(self, role: Role) -> StaffAccount:
        with self.database.read() as db:
            return db.get_one(StaffAccount, self.accounts[role])

    # Browsers

    def client(self) -> FlaskClient:
        """A stranger."""
        return self.app.test_client()

    def as_(self, role: Role | StaffAccount) -> FlaskClient:
        """Somebody who is signed in, in a browser of their own."""
        account_id = self.accounts[role] if isinstance(role, Role) else role.id
        with self.database.begin() as db:
            token = sessions.begin(
                db, account_id, self.clock(), address="127.0.0.1", agent="Werkzeug"
            )
        client = self.client()
        with self.app.test_request_context("/staff"):
            access.sign_in(token, "ja")
            kept = dict(access.session)
        interface = self.app.session_interface._own  # type: ignore[attr-defined]
        client.set_cookie(COOKIE, interface.get_signing_serializer(self.app).dumps(kept))
        return client

    def get(self, client: FlaskClient, path: str, **more: Any) -> TestResponse:
        return checked(client.get(path, **more))

    def post(
        self, client: FlaskClient, path: str, data: dict[str, Any] | None = None, **more: Any
    ) -> TestResponse:
        """As a form of ours: with the form token of this browser's session."""
        sent = {"csrf_token": self.token(client)} | (data or {})
        return checked(client.post(path, data=sent, **more))

    def token(self, client: FlaskClient) -> str:
        """The form token of this browser's session, as any page of ours holds it."""
        shown = client.get("/staff/me", follow_redirects=True).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', shown)
        assert found, shown
        return found[1]

    # The desk

    def rules(self) -> list[Any]:
        with self.database.read() as db:
            return list(desk.read(db, self.settings).rules.rules)

    def save_rules(self, rules: list[Any]) -> None:
        """Over whatever lies there."""
        with self.database.begin() as db:
            seen = desk.read(db, self.settings).rules.version
            drafts.save_rules(db, rules, seen=seen, by="", now=self.clock(), settings=self.settings)

    # Looking

    @contextmanager
    def queries(self) -> Iterator[list[str]]:
        """The statements that the database is given meanwhile."""
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK TO")):
                seen.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(self.database.engine, "before_cursor_execute", note)


def checked(response: TestResponse) -> TestResponse:
    """Nothing is wrong with the page, if it is one."""
    if response.mimetype == "text/html" and response.status_code not in (301, 302, 303, 308):
        wrong = problems(response.text, response.headers["Content-Security-Policy"])
        assert not wrong, f"{response.request.path}: {wrong}"
    return response


def page(response: TestResponse) -> Read:
    return read(response.text)


@pytest.fixture
def make_site(line: FakeLine, login: FakeLogin, clock: SettableClock) -> Callable[..., Site]:
    """A site on a database and settings of the test's choosing, with one account of each role."""

    def make(database: Database, settings: Settings) -> Site:
        parts = Parts(database, login, lambda *_: None, lambda: 0.0, clock, line)
        made = Site(create_app(settings, parts), database, settings, clock)
        for role in Role:
            made.accounts[role] = made.add(role).id
        return made

    return make


@pytest.fixture
def site(make_site: Callable[..., Site], database: Database, settings: Settings) -> Site:
    return make_site(database, settings)
