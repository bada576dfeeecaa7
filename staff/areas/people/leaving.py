"""Handing out what we hold of somebody, and erasing it: for administrators."""

from uuid import UUID

import orjson
from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from core.session import Session
from members import leaving, persons, story
from members.persons import Kind, Person
from models import Role
from staff.access import me, needs, sure
from staff.areas.people.shared import RULE, by_staff, called, hidden_number, note, plain
from staff.parts import Parts, at, go
from staff.saying import say
from web.language import t


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.post(f"{RULE}/export")
    @needs(Role.ADMIN)
    def person_export(kind: str, person_id: UUID) -> ResponseReturnValue:
        with parts.database.begin() as db:
            who = persons.get(db, Kind(kind), person_id)
            found = leaving.export(db, who.id) if who.member else leaving.export_friend(db, who.id)
            note(db, "exported", who)
        return Response(
            orjson.dumps(found, option=orjson.OPT_INDENT_2),
            mimetype="application/json",
            headers={"Content-Disposition": f'attachment; filename="person-{who.id}.json"'},
        )

    @pages.route(f"{RULE}/erase", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    @sure()
    def person_erase(kind: str, person_id: UUID) -> ResponseReturnValue:
        with parts.database.begin() as db:
            who = persons.get(db, Kind(kind), person_id)
            if who.kind is not Kind(kind):
                return go("person_erase", kind=who.kind.value, person_id=who.id)
            asked, typed = _to_type(who), plain(request.form.get("confirm", ""))
            if request.method == "GET" or typed != plain(asked):
                kept = _kept(who, ever_linked=bool(story.ties(db, who)))
                return _erasing(who, asked, kept, wrong=request.method == "POST")
            name = hidden_number(who)
            erased = _erase(db, parts, who)
            note(db, "erased", who, after={"rows": sum(erased.gone.values())}, name=name)
        for work in ("outgoing", "menus"):
            parts.ring(work)
        say("staff_people.erase.said")
        return go("people")


def _erase(db: Session, parts: Parts, who: Person) -> leaving.Erased:
    if who.member is None:
        return leaving.erase_friend(db, who.id, parts.settings)
    by = by_staff(me().account_id)
    return leaving.erase(db, who.id, parts.now(), parts.settings, by=by)


def _kept(who: Person, *, ever_linked: bool) -> list[str]:
    """What stays of those who have it: most members were never seen on LINE."""
    gone = set() if ever_linked else {leaving.LINKS}
    if not ever_linked and who.friend is None:
        gone |= set(leaving.OF_LINE)
    return [key for key in leaving.KEPT if key not in gone]


def _erasing(who: Person, asked: str, kept: list[str], *, wrong: bool) -> ResponseReturnValue:
    page = render_template(
        "staff/people/erase.html", who=who, asked=asked, kept=kept, called=called,
        wrong=t("staff_people.erase.wrong", words=asked) if wrong else "",
        own=at("person", kind=who.kind.value, person_id=who.id),
    )  # fmt: skip
    return page, 400 if wrong else 200


def _to_type(who: Person) -> str:
    """Something of theirs, so that nobody erases the wrong person by habit."""
    if who.member:
        return who.member.number
    return who.name.strip() or str(who.id)[-6:]
