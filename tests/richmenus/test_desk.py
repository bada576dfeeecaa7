"""The desk: it begins with what is there, keeps every save, and lets nobody overwrite unseen."""

import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.database import Database
from core.errors import Conflict, NotFound
from core.owed import State
from core.settings import Settings
from line.fake import FakeLine
from models import MenuDraft, MenuMove, Publication, Saved
from richmenus import (
    definitions,
    desk,
    drafts,
    exporting,
    forgetting,
    pictures,
    publications,
    publishing,
)
from richmenus.images import Picture
from richmenus.problems import BadMenus
from tests.conftest import SettableClock
from tests.richmenus.situations import MENUS, RULES, Account, Folder, picture, switch, tab


class Desk:
    """Somebody at the desk."""

    def __init__(self, account: Account) -> None:
        self.account, self.database = account, account.database
        self.settings = account.settings

    def how(self, **given: Any) -> dict[str, Any]:
        plain = {"by": "Hanako", "now": self.account.clock(), "settings": self.settings}
        return plain | given

    def keep(self, color: str = "white") -> str:
        kept = Picture(picture(color), "image/png")
        with self.database.begin() as db:
            pictures.keep(db, [kept])
        return kept.sha256

    def save(self, key: str, definition: Any, seen: int | None, **how: Any) -> MenuDraft:
        files = how.pop("files", {"menu.png": self.keep()})
        with self.database.begin() as db:
            return drafts.save_menu(db, key, definition, files, **self.how(seen=seen, **how))

    def read(self) -> desk.Desk:
        with self.database.read() as db:
            return desk.read(db, self.settings)

    def menu(self, key: str) -> MenuDraft:
        return self.read().menu(key)

    def edition(self) -> Any:
        with self.database.read() as db:
            return desk.edition(db, self.settings)


@pytest.fixture
def at(account: Account) -> Desk:
    drafts.see_to(account.database, account.settings, account.clock())
    return Desk(account)


def named(name: str, **given: Any) -> dict[str, Any]:
    return {"name": name, **tab(**given)}


# How it begins


def test_at_first_it_holds_the_folder(at: Desk) -> None:
    found = at.read()
    assert [menu.key for menu in found.menus] == ["gold", "guest", "member"]
    assert found.menu("gold").definition == MENUS["gold"]
    assert found.rules.rules == RULES
    assert at.edition().fingerprint == at.account.folder.read().fingerprint


def test_at_first_it_holds_what_is_in_force(account: Account) -> None:
    account.apply()
    account.folder.write("gold", named("Later"), "red")
    drafts.see_to(account.database, account.settings, account.clock())
    at = Desk(account)
    assert at.menu("gold").definition == MENUS["gold"]
    with account.database.read() as db:
        assert not desk.changed(db, account.settings)


def test_at_first_it_makes_up_what_was_not_kept(account: Account) -> None:
    """A publication made before publications kept what they were made from."""
    account.apply()
    account.folder.write("gold", named("Later"), "red")
    with account.database.begin() as db:
        db.execute(update(Publication).values(menus=[]))
    drafts.see_to(account.database, account.settings, account.clock())
    at = Desk(account)
    with account.database.read() as db:
        now = publications.in_force(db)
        assert now
        assert desk.edition(db, account.settings).fingerprint == now.edition.fingerprint
    assert at.menu("member").definition["tabs"][0]["areas"] == switch("shop")


def test_without_a_folder_it_is_empty(account: Account, tmp_path: Path) -> None:
    nowhere = account.settings.model_copy(update={"menus_dir": tmp_path / "nowhere"})
    drafts.see_to(account.database, nowhere, account.clock())
    with account.database.read() as db:
        assert desk.read(db, nowhere).menus == ()
        with pytest.raises(BadMenus, match="must be a list of rules"):
            desk.edition(db, nowhere)


def test_looking_lays_nothing(account: Account) -> None:
    with account.database.read() as db:
        assert len(desk.read(db, account.settings).menus) == 3
        assert desk.saves(db) == 0


def test_a_shop_begins_once(fresh_database: Database, folder: Folder, clock: SettableClock) -> None:
    together = threading.Barrier(4)

    def begin() -> None:
        together.wait()
        drafts.see_to(fresh_database, folder.settings, clock())

    people = [threading.Thread(target=begin) for _ in range(4)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    with fresh_database.read() as db:
        assert desk.saves(db) == 4


# Saving


def test_a_menu_is_saved(at: Desk) -> None:
    assert at.save("gold", named("Golden"), 1).version == 2
    assert at.menu("gold").definition["name"] == "Golden"
    assert at.menu("gold").changed_by == "Hanako"


def test_what_was_not_changed_is_not_saved(at: Desk) -> None:
    gold = at.menu("gold")
    at.save("gold", gold.definition, 1, files=gold.pictures)
    assert at.menu("gold").version == 1


def test_a_new_menu(at: Desk) -> None:
    at.save("spring", named("Spring"), None)
    assert at.menu("spring").version == 1
    with pytest.raises(Conflict):
        at.save("spring", named("Spring again"), None)


def test_everything_that_is_wrong_is_named(at: Desk) -> None:
    bad = named("", chatBarText="x" * 15, image="none.png")
    with pytest.raises(BadMenus) as caught:
        at.save("gold", bad, 1)
    second, first = caught.value.problems
    assert (first.file, first.place) == ("gold", "name")
    assert (second.file, second.place) == ("gold", "tabs[0].chatBarText")
    assert second.said("en") == "Please use at most 14 characters (now 15)."
    assert second.said("ja") == "14文字以内で入力してください（いまは15文字です）。"
    assert at.menu("gold").version == 1


def test_a_picture_that_is_not_kept_or_of_another_size(at: Desk) -> None:
    with pytest.raises(BadMenus, match=r"there is no file menu\.png"):
        at.save("gold", named("Gold"), 1, files={"menu.png": "0" * 64})
    large = named("Gold", size={"width": 1200, "height": 810})
    with pytest.raises(BadMenus, match="is 800x540, and the menu says 1200x810"):
        at.save("gold", large, 1)


def test_pictures_that_are_not_named_are_not_noted(at: Desk) -> None:
    sha256 = at.keep("red")
    at.save("gold", named("Gold"), 1, files={"menu.png": sha256, "other.png": sha256})
    assert at.menu("gold").pictures == {"menu.png": sha256}


@pytest.mark.parametrize("given", [None, [], "x", {"tabs": 1}, {"tabs": [1]}, {"tabs": [{}]}])
def test_what_is_no_menu_at_all(at: Desk, given: Any) -> None:
    with pytest.raises(BadMenus):
        at.save("gold", given, 1)


def test_who_is_late_is_told_and_nothing_is_lost(at: Desk) -> None:
    at.save("gold", named("Hers"), 1)
    with pytest.raises(Conflict) as caught:
        at.save("gold", named("His"), 1)
    assert caught.value.key == "staff_menus.changed_meanwhile"
    assert at.menu("gold").definition["name"] == "Hers"
    at.save("gold", named("His"), 2)
    with at.database.read() as db:
        names = [save.definition["name"] for save in desk.history(db, "gold")]
    assert names == ["His", "Hers", "Gold"]


def test_of_two_at_once_one_is_told(
    fresh_database: Database, folder: Folder, clock: SettableClock, line: FakeLine
) -> None:
    at = Desk(Account(fresh_database, line, folder, clock))
    drafts.see_to(fresh_database, at.settings, clock())
    files = {"menu.png": at.keep()}
    together, said = threading.Barrier(2), []

    def save(name: str) -> None:
        together.wait()
        try:
            at.save("gold", named(name), 1, files=files)
            said.append("saved")
        except Conflict:
            said.append("told")

    people = [threading.Thread(target=save, args=(name,)) for name in ("Hers", "His")]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert sorted(said) == ["saved", "told"]
    assert at.menu("gold").version == 2


# Rules, and removing


def test_rules_are_saved(at: Desk) -> None:
    with at.database.begin() as db:
        drafts.save_rules(db, RULES[1:], **at.how(seen=1))
    assert at.read().rules.rules == RULES[1:]
    assert at.read().rules.version == 2
    with at.database.begin() as db, pytest.raises(Conflict):
        drafts.save_rules(db, RULES, **at.how(seen=1))


def test_rules_of_a_menu_that_is_not_there(at: Desk) -> None:
    rules = [{"menu": "nope", "because": "x"}, RULES[-1]]
    with at.database.begin() as db, pytest.raises(BadMenus) as caught:
        drafts.save_rules(db, rules, **at.how(seen=1))
    (problem,) = caught.value.problems
    assert (problem.file, problem.place) == ("rules", "[0].menu")
    assert problem.said("ja") == "メニュー「nope」はありません。"


def test_what_rules_show_is_not_removed(at: Desk) -> None:
    with at.database.begin() as db, pytest.raises(Conflict) as caught:
        drafts.remove_menu(db, "gold", **at.how(seen=1))
    assert caught.value.key == "staff_menus.still_in_rules"
    assert desk.rules_with(RULES, "gold") == [0]


def test_a_removed_menu_can_be_brought_back(at: Desk) -> None:
    with at.database.begin() as db:
        drafts.save_rules(db, RULES[1:], **at.how(seen=1))
        drafts.remove_menu(db, "gold", **at.how(seen=1))
    with pytest.raises(NotFound):
        at.menu("gold")
    assert "gold" not in {page.key for page in at.edition().pages}
    with at.database.begin() as db:
        newest = desk.history(db, "gold")[0]
        assert newest.what == Saved.REMOVED
        drafts.bring_back(db, newest.id, **at.how(seen=None))
    assert at.menu("gold").definition == MENUS["gold"]
    assert at.menu("gold").version == 3


def test_bringing_back(at: Desk) -> None:
    at.save("gold", named("Second"), 1)
    with at.database.begin() as db:
        first = desk.version(db, "gold", 1)
        assert first
        drafts.bring_back(db, first.id, **at.how(seen=2))
        drafts.save_rules(db, RULES[1:], **at.how(seen=1))
        rules = desk.version(db, desk.RULES, 1)
        assert rules
        drafts.bring_back(db, rules.id, **at.how(seen=2))
        with pytest.raises(NotFound):
            drafts.bring_back(db, uuid4(), **at.how(seen=3))
    assert at.menu("gold").definition == MENUS["gold"]
    assert at.read().rules.rules == RULES


# Beside what is in force


def test_what_differs_from_what_is_in_force(at: Desk) -> None:
    with at.database.read() as db:
        assert desk.changed(db, at.settings) == {"gold", "guest", "member", desk.RULES}
    at.account.apply(at.edition())
    with at.database.read() as db:
        assert desk.changed(db, at.settings) == set()
    at.save("gold", named("Gold", chatBarText="Another"), 1)
    with at.database.read() as db:
        assert desk.changed(db, at.settings) == {"gold"}


def test_a_round_trip_changes_nothing(at: Desk, tmp_path: Path) -> None:
    """Desk → publication → folder → desk: the same revisions, and no call to LINE."""
    sha256 = at.keep("blue")
    picker = {"type": "datetimepicker", "data": "1:d", "mode": "date", "initial": "2026-04-01"}
    bounds = {"x": 0, "y": 0, "width": 800, "height": 540}
    areas = [{"bounds": bounds, "action": picker}]
    at.save("gold", named("ゴールド: 'x'", areas=areas), 1, files={"menu.png": sha256})
    at.account.apply(at.edition())
    at.account.writes()
    found = at.read()
    with at.database.read() as db:
        exporting.write(db, found.sources, found.rules.rules, tmp_path / "out")
        with pytest.raises(Conflict):
            exporting.write(db, found.sources, found.rules.rules, tmp_path / "out")
    again = definitions.read_folder(tmp_path / "out", at.settings)
    assert again.fingerprint == at.edition().fingerprint
    assert again.rules == tuple(found.rules.rules)
    at.account.apply(again)
    assert at.account.writes() == []
    with at.database.begin() as db:
        before = desk.saves(db)
        drafts.lay(db, again, **at.how())
        assert desk.saves(db) == before


def test_a_publication_is_laid_on_the_desk(at: Desk) -> None:
    first = at.account.apply
    first(at.edition())
    at.save("gold", named("Gold", chatBarText="Another"), 1)
    at.save("spring", named("Spring"), None)
    first(at.edition())
    earlier, number = publishing.rollback(at.database)
    assert number == 1
    with at.database.begin() as db:
        drafts.lay(db, earlier, **at.how())
    assert at.edition().fingerprint == earlier.fingerprint
    assert [menu.key for menu in at.read().menus] == ["gold", "guest", "member"]
    assert at.menu("gold").version == 3


def test_what_was_published_can_be_shown_as_written(account: Account, settings: Settings) -> None:
    account.apply()
    with account.database.read() as db:
        sources, rules = desk.published(db, settings)
    assert {each.key: each.definition for each in sources} == MENUS
    assert rules == RULES


# Forgetting


def test_what_came_to_nothing_is_forgotten(at: Desk) -> None:
    used, unused = picture("blue"), picture("red")
    with at.database.begin() as db:
        pictures.keep(
            db, [Picture(used, "image/png"), Picture(unused, "image/png")], now=at.account.clock()
        )
    sha256 = Picture(used, "image/png").sha256
    at.save("gold", named("Gold"), 1, files={"menu.png": sha256})
    assert forgetting.work(at.database, at.account.clock(), at.settings) == 0
    later = at.account.clock.advance(days=4)
    assert forgetting.work(at.database, later, at.settings) == 1
    with at.database.read() as db:
        assert pictures.kinds(db, [sha256]) == {sha256: "image/png"}
        assert not pictures.kinds(db, [Picture(unused, "image/png").sha256])
    assert at.edition()


def test_a_picture_that_is_brought_again_waits_anew(at: Desk) -> None:
    kept = Picture(picture("red"), "image/png")
    for _ in range(2):
        with at.database.begin() as db:
            pictures.keep(db, [kept], now=at.account.clock())
        later = at.account.clock.advance(days=2)
    assert forgetting.work(at.database, later, at.settings) == 0


def test_states_of_long_ago_are_forgotten_but_the_newest(at: Desk) -> None:
    at.save("gold", named("Second"), 1)
    later = at.account.clock.advance(days=401)
    assert forgetting.work(at.database, later, at.settings) == 1
    with at.database.read() as db:
        assert [save.version for save in desk.history(db, "gold")] == [2]
        assert desk.saves(db, desk.RULES) == 1


def test_batch_operations_that_have_ended_are_forgotten_and_open_ones_never(at: Desk) -> None:
    now = at.account.clock()
    with at.database.begin() as db:
        for state in State:
            moved = {"moves": [["a", "b"]], "people": 1, "put_at": now, "due_at": now}
            db.add(MenuMove(state=state, **moved))
    assert forgetting.work(at.database, now, at.settings) == 0
    later = at.account.clock.advance(days=31)
    assert forgetting.work(at.database, later, at.settings) == 2
    with at.database.read() as db:
        assert db.scalars(select(MenuMove.state)).all() == [State.DUE]
