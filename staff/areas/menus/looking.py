"""Looking at a menu: on a drawn phone, and as any person would see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from core.errors import NotFound
from models import Role
from richmenus import desk, drafts, explaining, gallery, rulebook
from richmenus.explaining import RuleAnswer
from segments import Moment
from staff.access import needs
from staff.areas.menus import form, trying, wording
from staff.parts import Parts
from web.errors import words
from web.language import current, t


@dataclass(frozen=True)
class Answer:
    """Which menu somebody would get by the desk's rules, and why."""

    person: str
    answers: Sequence[RuleAnswer] = ()
    menu: str = ""
    error: str = ""


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/menus/key/<key>")
    @needs(Role.VIEWER)
    def menu(key: str) -> ResponseReturnValue:
        drafts.see_to(parts.database, parts.settings, parts.now())
        person = request.args.get("as", "").strip()
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
            open=names.index(asked) if asked in names else 0, tap=wording.tap,
            card=next(card for card in found.cards if card.key == key), answer=answer,
            names={each.key: each.definition["name"] for each in lying.menus}, own=own,
        )  # fmt: skip


def _answer(parts: Parts, lying: desk.Desk, person: str) -> Answer:
    keys = [menu.key for menu in lying.menus]
    moment = Moment(parts.now(), parts.settings.zone)
    try:
        rules = rulebook.rules(lying.rules.rules, keys, parts.settings.zone)
        with parts.database.read() as db:
            friend_id = explaining.find(db, person)
            answers = explaining.by_rules(db, rules, friend_id, moment, current())
    except NotFound as e:
        return Answer(person, error=words(e))
    except rulebook.BadRules:
        return Answer(person, error=t("staff_menus.look.bad_rules"))
    return Answer(person, answers, next(each.menu for each in answers if each.decides))
