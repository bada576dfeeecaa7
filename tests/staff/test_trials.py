"""“Show me on my LINE” on the pages: not tied, tied, on its way, shown, put back, refused."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from accounts import own_line
from accounts.rules import LINE_WORDS
from core.database import Database
from core.settings import Settings
from line.fake import FakeLine
from line.gateway import LineRefused
from models import MenuTrial, Role, StaffAudit
from richmenus import definitions, drafts, publishing, trial_runs, trials
from tests.conftest import SettableClock
from tests.richmenus.situations import put_friend
from tests.staff.conftest import Site, page
from texts import text

GOLD, TRY = "/staff/menus/key/gold", "/staff/menus/key/gold/on-my-line"
USER = "U" + "e" * 32


class Editor:
    """Somebody at the site with a phone."""

    def __init__(self, site: Site, line: FakeLine) -> None:
        self.site, self.line, self.client = site, line, site.as_(Role.EDITOR)

    def word(self) -> str:
        answer = self.site.post(self.client, "/staff/me/line/word", {"next": GOLD})
        field = page(answer).by_id("word")
        assert field
        assert f'href="{GOLD}"' in answer.text
        return field.get("value")

    def tie(self) -> None:
        word = self.word()
        with self.site.database.begin() as db:
            friend = put_friend(db, self.site.clock(), line_user_id=USER, display_name="えり")
            assert own_line.tie(db, friend.id, word, self.site.clock(), self.site.settings)

    def press(self, path: str) -> None:
        assert self.site.post(self.client, path).status_code == 303

    def carry_on(self) -> None:
        trial_runs.work(self.site.database, self.line, self.site.clock)

    def sees(self, path: str = GOLD, client: FlaskClient | None = None) -> str:
        return page(self.site.get(client or self.client, path)).text


@pytest.fixture
def editor(site: Site, line: FakeLine, database: Database, clock: SettableClock) -> Editor:
    edition = definitions.read(site.settings)
    publishing.apply(database, line, edition, clock, wait=lambda s: clock.advance(seconds=s))
    drafts.see_to(database, site.settings, clock())
    return Editor(site, line)


def said(key: str, **values: object) -> str:
    return text(f"staff_trial.{key}", "ja", **values)


def test_not_tied(editor: Editor) -> None:
    for path in (GOLD, "/staff/me"):
        assert said("tie") in editor.sees(path)
    editor.press(TRY)
    assert said("not_tied") in editor.sees()
    with editor.site.database.read() as db:
        assert not db.scalar(select(func.count()).select_from(MenuTrial))


def test_from_the_word_to_the_old_menu(editor: Editor, settings: Settings) -> None:
    editor.tie()
    assert said("tied_to", name="えり") in editor.sees("/staff/me")
    assert said("show") in editor.sees()
    editor.press(TRY)
    name = "ゴールド会員"
    with editor.site.database.read() as db:
        line = db.scalars(select(StaffAudit).where(StaffAudit.act == "menu.tried")).one()
        name = line.name
    assert said("state.asked", name=name) in editor.sees()
    editor.carry_on()
    assert USER in editor.line.own
    ends = (editor.site.clock() + trial_runs.SHOWN_FOR).astimezone(settings.zone).strftime("%H:%M")
    for path in (GOLD, "/staff/me", "/staff/menus/key/guest"):
        assert said("state.showing", name=name, until=ends) in editor.sees(path)
    editor.press("/staff/me/line/put-back")
    assert said("state.ending", name=name) in editor.sees()
    editor.carry_on()
    assert said("state.ending", name=name) not in editor.sees()
    assert USER not in editor.line.own


def test_line_says_no(editor: Editor) -> None:
    editor.tie()
    editor.line.fail_with["create_menu"] = LineRefused("400 odd", 400)
    editor.press(TRY)
    editor.carry_on()
    assert "受け付けられませんでした" in editor.sees()
    assert said("show") in editor.sees()


def test_too_often(editor: Editor) -> None:
    editor.tie()
    for _ in range(trials.MOST_AN_HOUR + 1):
        editor.press(TRY)
        editor.carry_on()
    assert said("too_many") in editor.sees()


def test_too_many_words(editor: Editor) -> None:
    for _ in range(LINE_WORDS[0][0]):
        editor.word()
    editor.press("/staff/me/line/word")
    assert said("too_many_words") in editor.sees("/staff/me")


def test_untied_puts_back(editor: Editor) -> None:
    editor.tie()
    editor.press(TRY)
    editor.carry_on()
    editor.press("/staff/me/line/untie")
    assert said("tie") in editor.sees("/staff/me")
    editor.carry_on()
    assert USER not in editor.line.own


def test_others_have_nothing_of_it(editor: Editor) -> None:
    editor.tie()
    editor.press(TRY)
    editor.carry_on()
    viewer, publisher = editor.site.as_(Role.VIEWER), editor.site.as_(Role.PUBLISHER)
    assert said("title") not in editor.sees(client=viewer)
    assert said("tie") in editor.sees(client=publisher)
    editor.site.post(publisher, "/staff/me/line/put-back")
    editor.carry_on()
    assert USER in editor.line.own
