"""The list of people: searched, or leafed through."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from members import leafing
from members.leafing import Place, Sort, Wanted
from members.persons import Kind, Who
from models import Role
from staff.access import needs
from staff.areas.people.shared import called, count_search, number_of, on_line, plain
from staff.parts import Parts


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/people", endpoint="people")
    @needs(Role.VIEWER)
    def everybody() -> ResponseReturnValue:
        wanted = _wanted()
        region = parts.settings.phone_region
        count_search(parts, wanted.said)
        with parts.database.read() as db:
            leaf = leafing.leaf(db, wanted, _place(), region=region)
        return render_template(
            "staff/people/people.html", leaf=leaf, wanted=wanted, Who=Who, Sort=Sort,
            called=called, number_of=number_of, on_line=on_line,
        )  # fmt: skip


def _wanted() -> Wanted:
    """What the address asks for; what it cannot mean asks for nothing."""
    asked = request.args
    who, sort = asked.get("who", ""), asked.get("sort", "")
    return Wanted(
        plain(asked.get("q", ""))[:100],
        plain(asked.get("tag", ""))[:64],
        Who(who) if who in tuple(Who) else Who.ALL,
        Sort(sort) if sort in tuple(Sort) else Sort.NEW,
    )


def _place() -> Place | None:
    for name in ("after", "before"):
        kind, _, person_id = request.args.get(name, "").partition("-")
        try:
            return Place(Kind(kind), UUID(person_id), backwards=name == "before")
        except ValueError:
            continue
    return None
