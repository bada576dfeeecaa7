"""People of the staff in the test's database."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from accounts import team
from accounts.actors import Actor
from core.database import Database
from models import Role, StaffAccount, StaffAudit

PASSWORD = "correct horse battery"
Hire = Callable[..., StaffAccount]


def by(who: StaffAccount | None, now: datetime) -> Actor:
    return Actor(who.id if who else None, who.name if who else "test", "203.0.113.7", now)


@pytest.fixture
def hire(database: Database, now: datetime) -> Hire:
    return hire_into(database, now)


def hire_into(database: Database, now: datetime) -> Hire:
    """An account that may sign in with PASSWORD; without one when `password` is empty."""

    def hire(
        role: Role = Role.ADMIN, email: str = "", password: str = PASSWORD, **more: Any
    ) -> StaffAccount:
        with database.begin() as db:
            account = team.add(
                db, by(None, now), email or f"{role.value}@example.com", role.value, role,
                language="ja", password=password,
            )  # fmt: skip
            for field, value in more.items():
                setattr(account, field, value)
        return account

    return hire


@pytest.fixture
def noted(database: Database) -> Callable[[], list[str]]:
    """The acts in the audit log, in the order they were done."""

    def noted() -> list[str]:
        with database.read() as db:
            return list(db.scalars(select(StaffAudit.act).order_by(StaffAudit.number)))

    return noted
