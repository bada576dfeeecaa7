"""Looking at a menu: on a drawn phone, and as any person would see it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from core.errors import NotFound
from core.session import Session
from members import searching
from members.persons import Person, Who
from models import Role
from richmenus import desk, drafts, explaining, gallery, rulebook
from richmenus.explaining import RuleAnswer
from segments import Moment
from staff.access import me, needs
from staff.areas.menus import form, trying, wording
from staff.areas.people.shared import FULL, called, count_search, number_of, plain
from staff.parts import Parts, go
from web.errors import words
from web.language import current, t

MOST = 8
"""People to choose from."""


@dataclass(frozen=True)
class Answer:
    """Which menu somebody would get by the desk's rules, and why."""

    person: str
    answers: Sequence[RuleAnswer] = ()
    menu: str = ""
    error: str = ""
    who: str = ""
    """Their name, as far as whoever is signed in may see it."""
    several: Sequence[Person] = ()
    """Whom else it may have meant."""
    more: bool = False


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/menus/preview")
    @needs(Role.VIEWER)
    def menu_preview() -> ResponseReturnValue:
        """`?as=` somebody (a friend's id, a member's number, a name): on to the menu that they
        would get, wherever the link stands and whichever menu that is. `from`: the menu that is
        looked at, which stays when they are not found."""
        drafts.see_to(parts.database, parts.settings, parts.now())
        person = _asked()
        with parts.database.read() as db:
            lying = desk.read(db, parts.settings)
        answer = _answer(parts, lying, person) if person else None
        if not lying.menus:
            return go("menus")
        everybody = str(lying.rules.rules[-1].get("menu", "")) if lying.rules.rules else ""
        wished = (answer.menu if answer else "", request.args.get("from", ""), everybody)
        keys = [each.key for each in lying.menus]
        key = next((each for each in wished if each in keys), keys[0])
        return go("menu", key=key, _anchor="about-as", **{"as": person or None})

    @pages.get("/menus/key/<key>")
    @needs(Role.VIEWER)
    def menu(key: str) -> ResponseReturnValue:
        drafts.see_to(parts.database, parts.settings, parts.now())
        person = _asked()
        with parts.database.read() as db:
            lying = desk.read(db, parts.settings)
            found = gallery.gallery(db, parts.settings, parts.now(), current())
            answer = _answer(parts, lying, person) if person else None
            own = trying.own(db, parts)
        shown = lying.menu(answer.menu if answer and answer.menu else key)
        typed = form.of(shown.definition, shown.pictures)
        names = [tab.get("tab") for tab in typed.tabs]
        asked = request.args.get("tab", "")
        return render_template(
            "staff/menus/menu.html", menu=lying.menu(key), shown=shown, typed=typed,
            open=names.index(asked) if asked in names else 0,
            tap=lambda area: wording.tap(area, typed.tab_names),
            card=next(card for card in found.cards if card.key == key), answer=answer,
            names={each.key: each.definition["name"] for each in lying.menus}, own=own,
            called=called, number_of=number_of,
        )  # fmt: skip


def _asked() -> str:
    return plain(request.args.get("as", ""))[: searching.LONGEST].strip()


def _answer(parts: Parts, lying: desk.Desk, said: str) -> Answer:
    if not _is_id(said):
        count_search(parts, said)
    with parts.database.read() as db:
        try:
            return _by_rules(db, parts, lying, said, explaining.find(db, said))
        except NotFound as e:
            unknown = Answer(said, error=words(e))
        found = searching.search(db, said, "", Who.ALL, parts.settings.phone_region)
        people = sorted(found.people, key=lambda each: each.name)
        on_line = [(each, each.friend) for each in people if each.friend]
        if not on_line:
            return (
                Answer(said, error=t("staff_menus.look.not_on_line")) if found.people else unknown
            )
        if len(on_line) > 1 or found.more:
            more = found.more or len(on_line) > MOST
            return Answer(said, several=[each for each, _ in on_line[:MOST]], more=more)
        [(one, friend)] = on_line
        answer = _by_rules(db, parts, lying, said, friend.id)
    return replace(answer, who=called(one))


def _is_id(said: str) -> bool:
    """Of a friend who was found before."""
    try:
        UUID(said)
    except ValueError:
        return False
    return True


def _by_rules(db: Session, parts: Parts, lying: desk.Desk, said: str, friend_id: UUID) -> Answer:
    keys = [menu.key for menu in lying.menus]
    moment = Moment(parts.now(), parts.settings.zone)
    try:
        rules = rulebook.rules(lying.rules.rules, keys, parts.settings.zone)
    except rulebook.BadRules:
        return Answer(said, error=t("staff_menus.look.bad_rules"))
    answers = explaining.by_rules(db, rules, friend_id, moment, current())
    menu = next(each.menu for each in answers if each.decides)
    return Answer(said, answers if me().may(FULL) else explaining.masked(answers), menu)
