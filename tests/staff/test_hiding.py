"""What is masked, or shown on request only, is not found out by searching for it again and again."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient

from core.database import Database
from core.settings import Settings
from members import linking
from models import How, Role
from tests.members.situations import a_friend, a_member
from tests.staff.conftest import Site, page

A_DAY_AT_THE_COUNTER = 100


def search(client: FlaskClient, said: str, at: str = "/staff/people?q=") -> int:
    return client.get(f"{at}{said}").status_code


def test_a_viewer_searches_as_often_as_people_do(site: Site) -> None:
    """But not as often as finding out a number sign by sign, or a telephone by its end, takes."""
    client = site.as_(Role.VIEWER)
    for n in range(A_DAY_AT_THE_COUNTER):
        assert search(client, f"M{n}") == 200
    for said in ("山田", "M1", "090-1234-5678", "a@example.com"):
        refused = client.get(f"/staff/people?q={said}")
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 60
    assert search(client, "M1", "/staff/menus/preview?as=") == 429
    assert search(client, "", "/staff/people?who=linked") == 200, "leafing is no asking"
    assert search(site.as_(site.add(Role.VIEWER, "b@example.com")), "山田") == 200, "nor others'"
    site.clock.advance(hours=1)
    assert search(client, "山田") == 200


def test_a_day_has_an_end_too(site: Site) -> None:
    client = site.as_(Role.VIEWER)
    for _ in range(4):
        for n in range(A_DAY_AT_THE_COUNTER):
            assert search(client, f"M{n}") == 200
        site.clock.advance(hours=1)
    assert search(client, "M1") == 429


@pytest.mark.parametrize("at", ["/staff/people?q=", "/staff/menus/preview?as="])
def test_who_sees_names_looks_for_telephones_only_so_often(site: Site, at: str) -> None:
    """To see one is noted in the log; to guess one is not."""
    client = site.as_(Role.EDITOR)
    for n in range(A_DAY_AT_THE_COUNTER):
        assert search(client, f"090-1234-{5000 + n}", at) < 400
    assert search(client, "０９０１２３４５６７８", at) == 429
    assert search(client, "山田", at) < 400


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_a_preview_names_people_as_their_page_does(
    site: Site, database: Database, now: datetime, settings: Settings, role: Role
) -> None:
    with database.begin() as db:
        friend = a_friend(db, now, display_name="さくちゃん", followed_at=now)
        member = a_member(db, now, number="M12345678", name="結城 さくら", kana="ユウキ サクラ")
        linking.link(db, friend.id, member.id, How.PHONE, now, settings=settings)
    client = site.as_(role)
    shown = page(site.get(client, "/staff/menus/preview?as=結城", follow_redirects=True)).text
    assert ("さくら" in shown) == (role is Role.EDITOR)
    assert ("結• さ••" in shown) == (role is Role.VIEWER)
