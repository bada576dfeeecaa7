"""`musubi staff`: the first administrator, and whoever is locked out."""

import pytest
from click.testing import CliRunner

from accounts import signing_in
from cli import staff
from cli.parts import Parts
from core.errors import Invalid, TooMany
from models import Role, StaffAccount


@pytest.fixture
def musubi(settings, database):
    parts = Parts(settings)
    parts.__dict__["database"] = database

    def musubi(*words, **env):
        return CliRunner().invoke(staff.command, words, obj=parts, env=env)

    return musubi


def test_the_first_administrator(musubi, database, settings, now):
    said = musubi("add", "Ann@Example.com", "--name", "安", MUSUBI_STAFF_PASSWORD="a long password")
    assert said.exit_code == 0, said.output
    assert "http://localhost/staff" in said.output
    with database.read() as db:
        account = signing_in.find(db, "ann@example.com")
    assert (account.name, account.role, account.language) == ("安", Role.ADMIN, "ja")
    proven = signing_in.by_password(
        database, "ann@example.com", "a long password", address="", now=now, settings=settings
    )
    assert proven.account_id == account.id


def test_the_password_is_asked_for(musubi, database):
    parts_said = musubi("add", "ann@example.com", "--role", "editor")
    assert parts_said.exit_code == 1, "there is nobody to answer"
    with database.read() as db:
        assert db.query(StaffAccount).count() == 0


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("add", "ann@example.com", "--password", "short"), "12 characters"),
        (("add", "ann", "--password", "a long password"), "not an e-mail address"),
        (("add", "ann@example.com", "--role", "king"), "king"),
    ],
)
def test_what_does_not_do(musubi, words, problem):
    said = musubi(*words)
    assert said.exit_code != 0
    assert problem in said.output


def test_whoever_is_locked_out_is_let_in_again(musubi, database, settings, now):
    musubi("add", "ann@example.com", "--password", "a long password")

    def enter(password):
        return signing_in.by_password(
            database, "ann@example.com", password, address="", now=now, settings=settings
        )

    for _ in range(5):
        with pytest.raises(Invalid):
            enter("wrong")
    with pytest.raises(TooMany):
        enter("a long password")
    assert musubi("unlock", "Ann@example.com").exit_code == 0
    assert enter("a long password")


def test_everybody(musubi):
    musubi("add", "ann@example.com", "--password", "a long password")
    musubi("add", "ben@example.com", "--role", "viewer", "--password", "a long password")
    said = musubi("list").output.splitlines()
    assert said[0].split()[:2] == ["ann@example.com", "admin"]
    assert said[1].split()[:2] == ["ben@example.com", "viewer"]
