"""One person's page; and their telephone number, when somebody asks to see it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts import team
from core.errors import NotFound
from core.session import Session
from deliveries.rules import MAYBE_SAID
from members import persons, profile, story
from members.persons import Kind, Person
from members.phone import masked
from members.story import Bubble
from models import Role
from richmenus import explaining, naming, publications
from richmenus.naming import Tabs
from staff.access import me, needs
from staff.areas.people import tapping
from staff.areas.people.shared import FULL, RULE, by_staff, called, note, number, on_line
from staff.parts import Parts, at, go
from web.language import current, t


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get(RULE)
    @needs(Role.VIEWER)
    def person(kind: str, person_id: UUID) -> ResponseReturnValue:
        with parts.database.read() as db:
            who = persons.get(db, Kind(kind), person_id)
            if who.kind is not Kind(kind):
                return go("person", kind=who.kind.value, person_id=who.id)
            return _page(db, parts, who)

    @pages.post(f"{RULE}/phone")
    @needs(FULL)
    def person_phone(kind: str, person_id: UUID) -> ResponseReturnValue:
        """The number is on the answer alone: reloading asks again, and is noted again."""
        with parts.database.begin() as db:
            who = persons.get(db, Kind(kind), person_id)
            if who.member is None or not who.member.phone:
                raise NotFound("members.no_such_member")
            note(db, "phone_seen", who)
            return _page(db, parts, who, phone=who.member.phone)


def _page(db: Session, parts: Parts, who: Person, *, phone: str = "") -> str:
    now, settings = parts.now(), parts.settings
    names, tabs = _names(db)
    bubbles: list[Bubble] = []
    older: datetime | None = None
    if who.friend:
        bubbles, older = story.said(db, who.friend, now, settings, before=_before())
    return render_template(
        "staff/people/person.html",
        who=who,
        full=me().may(FULL),
        phone=phone or (masked(who.member.phone) if who.member and who.member.phone else ""),
        phone_shown=bool(phone),
        shown=profile.shown(who.member, full=me().may(FULL)) if who.member else {},
        called=called,
        number_hidden=number,
        on_line=on_line,
        own=at("person", kind=who.kind.value, person_id=who.id),
        ties=story.ties(db, who),
        people_by=_whose(db),
        tags=story.tags(db, who),
        menu=_menu(db, parts, who, now),
        menu_name=lambda key: names.get(key, key),
        tapped=lambda said: tapping.said(said, tabs),
        bubbles=bubbles,
        maybe_said=lambda bubble: bubble.note == MAYBE_SAID,
        older=older,
        zone=settings.zone,
        days=settings.inbox_retention_days,
    )


def _before() -> datetime | None:
    try:
        before = datetime.fromisoformat(request.args.get("until", ""))
        return before.astimezone(UTC) if before.tzinfo else None
    except (ValueError, OverflowError):  # there is no such moment, or not everywhere on earth
        return None


def _menu(db: Session, parts: Parts, who: Person, now: datetime) -> explaining.Explanation | None:
    if who.friend is None:
        return None
    try:
        found = explaining.why(db, who.friend.id, now, parts.settings.zone, current())
    except NotFound:  # nothing is published yet
        return None
    if me().may(FULL):
        return found
    return replace(found, answers=explaining.masked(found.answers))


def _names(db: Session) -> tuple[Mapping[str, str], Tabs]:
    """What staff call the menus in force, by their keys; and their tabs."""
    published = publications.in_force(db)
    if published is None:
        return {}, {}
    return naming.menus(published.edition), naming.tabs(published.edition)


def _whose(db: Session) -> Callable[[str], str]:
    """Says who did something, from what a link keeps of it."""
    staff = {by_staff(each.id): each.name for each in team.everybody(db)}
    known = {"friend": t("staff_people.history.friend"), "staff": t("staff_people.history.staff")}
    return lambda by: staff.get(by) or known.get(by) or t("staff.log.terminal")
