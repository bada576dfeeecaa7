"""Links in menus that are followed: counted for the menu they stand in, and leading where staff
said, whatever has become of menu, key or database."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from core.database import Database, connect
from core.settings import Settings
from models import MenuTap
from richmenus import definitions, exporting, following, links, starting, taps
from richmenus.editions import Edition
from richmenus.links import Place
from richmenus.problems import BadMenus
from tests.richmenus.situations import Account, tab

ZONE = ZoneInfo("Asia/Tokyo")
SHOP = "https://brand.example/shop?a=b&c=%2F#top"
SITE = {"type": "uri", "uri": SHOP, "tracked": True}
PLAIN = {"type": "uri", "uri": "https://brand.example/"}
LIFF = {"type": "uri", "uri": "liff:me"}
CALL = {"type": "uri", "uri": "tel:0312345678"}
WEBSITE, PAGE = Place("guest", "main", 0), Place("guest", "main", 2)


def areas(*actions: Any) -> list[Any]:
    box = {"y": 0, "width": 100, "height": 100}
    return [{"bounds": box | {"x": 100 * n}, "action": each} for n, each in enumerate(actions)]


def write(account: Account, *actions: Any, color: str = "white") -> None:
    account.folder.write("guest", {"name": "Guest", **tab(areas=areas(*actions))}, color)


@pytest.fixture
def published(account: Account) -> Account:
    write(account, SITE, PLAIN, LIFF, CALL)
    account.apply()
    return account


def token(account: Account, target: str = SHOP, place: Place = WEBSITE) -> str:
    return links.tracked(place, target, account.settings).rpartition("/")[2]


def follow(account: Account, token: str = "", place: Place = WEBSITE) -> bool:
    return following.count(account.database, place, account.clock(), account.settings, token=token)


def guest(account: Account) -> taps.Tab:
    with account.database.read() as db:
        found = taps.in_force(db, 7, account.clock(), ZONE)
    return next(each for each in found if each.key == "guest")


def everywhere(account: Account) -> int:
    with account.database.read() as db:
        return db.scalar(select(func.coalesce(func.sum(MenuTap.taps), 0))) or 0


def test_line_is_given_an_address_of_ours(published: Account) -> None:
    menus = {each.menu["name"].split(":")[1]: each for each in published.line.menu_store.values()}
    actions = [each["action"] for each in menus["guest"].menu["areas"]]
    assert actions[0] == {"type": "uri", "uri": f"http://localhost/t/{token(published)}"}
    assert actions[1] == PLAIN
    assert actions[2]["uri"] == f"{published.settings.liff_url}/me?from=menu.guest.main.2"


def test_both_kinds_are_counted_where_they_stand(published: Account) -> None:
    assert follow(published, token(published))
    assert follow(published, place=PAGE)
    assert follow(published, place=PAGE)
    found = guest(published).areas
    assert [area.taps for area in found] == [1, 0, 2, 0]
    assert [area.heard for area in found] == [True, False, True, False]
    assert found[0].action["uri"] == SHOP, "shown as it was meant"
    assert found[2].action["uri"] == f"{published.settings.liff_url}/me"


@pytest.mark.parametrize(
    "place",
    [Place("guest", "main", 0), Place("guest", "main", 1), Place("guest", "main", 9),
     Place("guest", "other", 2), Place("nobody", "main", 2)],
)  # fmt: skip
def test_where_no_page_is_opened_none_is_counted(published: Account, place: Place) -> None:
    assert not follow(published, place=place)
    assert everywhere(published) == 0


def test_a_link_that_was_never_in_a_menu_is_not_counted(published: Account) -> None:
    assert not follow(published, token(published, "https://brand.example/other"))
    elsewhere = Place("guest", "main", 1)
    assert not follow(published, token(published, place=elsewhere), elsewhere)
    assert everywhere(published) == 0


def test_nothing_is_counted_before_anything_is_published(account: Account) -> None:
    assert not follow(account, place=PAGE)
    assert following.target(account.database, token(account), account.settings) == SHOP


def test_links_of_an_earlier_menu_go_on_and_count_for_it(published: Account) -> None:
    old, before = token(published), guest(published).revision_id
    write(published, {**SITE, "uri": "https://brand.example/new"}, PLAIN, LIFF, CALL)
    published.apply()
    assert following.target(published.database, old, published.settings) == SHOP
    assert follow(published, old)
    assert follow(published, token(published, "https://brand.example/new"))
    assert [area.taps for area in guest(published).areas] == [1, 0, 0, 0]
    with published.database.read() as db:
        mine = select(func.sum(MenuTap.taps)).where(MenuTap.revision_id == before)
        assert db.scalar(mine) == 1


def test_the_same_link_counts_for_the_menu_in_force(published: Account) -> None:
    follow(published, token(published))
    write(published, SITE, PLAIN, LIFF, CALL, color="red")
    published.apply()
    follow(published, token(published))
    follow(published, token(published))
    assert guest(published).areas[0].taps == 2


def test_after_the_key_was_changed_what_was_published_still_leads_on(published: Account) -> None:
    old = token(published)
    never = token(published, "https://evil.example/")
    changed = Settings.load(
        None, **published.settings.model_dump() | {"secret_key": "y" * 40, "menus_dir": "x"}
    )
    assert following.target(published.database, old, changed) == SHOP
    assert following.target(published.database, never, changed) is None


@pytest.fixture
def nowhere(tmp_path: Path) -> Database:
    """A database that has no tables: every statement fails."""
    return connect(f"sqlite:///{tmp_path / 'nowhere.db'}")


def test_without_a_database_the_way_is_known_and_nobody_hears_of_the_counter(
    published: Account, nowhere: Database
) -> None:
    assert following.target(nowhere, token(published), published.settings) == SHOP
    now = published.clock()
    assert not following.count(nowhere, WEBSITE, now, published.settings, token=token(published))
    changed = Settings.load(None, **published.settings.model_dump() | {"secret_key": "y" * 40})
    with pytest.raises(OperationalError):
        following.target(nowhere, token(published), changed)
    nowhere.close()


# Written, checked, and written again


def said(account: Account) -> str:
    with pytest.raises(BadMenus) as caught:
        account.folder.read()
    return str(caught.value)


@pytest.mark.parametrize("uri", ["liff:link", "tel:0312345678", "https://a@b.example/"])
def test_only_websites_can_be_tracked(account: Account, uri: str) -> None:
    write(account, {**SITE, "uri": uri})
    assert "can be tracked" in said(account)


def test_what_would_be_too_long_for_line_is_told(account: Account) -> None:
    most = links.longest(WEBSITE, account.settings)
    write(account, {**SITE, "uri": "https://brand.example/".ljust(most, "x")})
    account.folder.read()
    write(account, {**SITE, "uri": "https://brand.example/".ljust(most + 2, "x")})
    assert f"at most {most} characters" in said(account)
    write(account, {"type": "uri", "uri": "https://brand.example/".ljust(1_000, "x")})
    account.folder.read()


def test_out_to_folders_and_in_again_changes_nothing(published: Account, tmp_path: Path) -> None:
    edition = published.folder.read()
    with published.database.read() as db:
        exporting.write(db, edition.sources, list(edition.rules), tmp_path / "out")
    written = (tmp_path / "out" / "guest" / "menu.yaml").read_text("utf-8")
    assert "tracked: true" in written
    again = definitions.read_folder(tmp_path / "out", published.settings)
    assert again.fingerprint == edition.fingerprint


def test_what_was_published_can_be_read_back_into_what_was_written(published: Account) -> None:
    """For publications that kept no sources."""
    edition = published.folder.read()
    bare = Edition(edition.pages, edition.rules)
    source = next(
        each for each in starting.sources_of(bare, published.settings) if each.key == "guest"
    )
    actions = [each["action"] for each in source.definition["tabs"][0]["areas"]]
    assert actions == [SITE, PLAIN, LIFF, CALL]
