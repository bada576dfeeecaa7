"""Who did what to which thing, from what to what, when and from where: to read and to take away."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from accounts import audit, team
from accounts.audit import Wanted
from models import Role, StaffAudit
from staff import actors, deeds
from staff.access import me, needs
from staff.listing import SIZE, Page, asked_page, asked_sort
from staff.parts import Nav, Parts
from web.forms import tidy
from web.language import t

NAV = Nav("staff.nav.audit", "audit", "journal-text", 90, Role.EDITOR)

WORDED = ("at", "who", "address", "act", "kind", "thing", "change")
"""The columns for people to read, named and filled in their language as on the page."""
CODED = ("number", "at", "account", "act", "thing", "id", "name", "before", "after")
"""Those for programs, the same in every language: `at` is exact, with its zone."""
FILTERS = ("who", "act", "thing", "id", "since", "until")
AT_TERMINAL = "terminal"
"""Asked for as `who`, instead of one of the staff."""
FORMULAS = tuple("=+-@\t\r\n＝＋－＠")
"""What a formula may begin with; Japanese spreadsheets take full-width signs for plain ones."""
AT_ONCE = 1_000
"""Lines of the file that are read together."""


def install(pages: Blueprint, parts: Parts) -> None:
    pages.context_processor(lambda: {"whose": lambda name: actors.whose(parts, name)})

    @pages.get("/audit", endpoint="audit")
    @needs(Role.EDITOR)
    def log() -> ResponseReturnValue:
        wanted, number = _wanted(parts), asked_page()
        sort = asked_sort(("at",), "at", down=True)
        with parts.database.read() as db:
            lines, total = audit.lines(
                db, wanted, number=number, size=SIZE, oldest_first=not sort.down
            )
            people = team.everybody(db)
        return render_template(
            "staff/audit.html", page=Page(lines, number, total), people=people, wanted=wanted,
            deeds=deeds, actors=actors, asked=request.args, filtered=wanted != Wanted(), sort=sort,
            at_terminal=AT_TERMINAL,
        )  # fmt: skip

    @pages.get("/audit.csv")
    @needs(Role.ADMIN)
    def audit_file() -> ResponseReturnValue:
        """All that the filters let through, as a file for a spreadsheet; taking it is noted."""
        wanted = _wanted(parts)
        with parts.database.begin() as db:
            asked = {name: tidy(request.args.get(name)) for name in FILTERS if name in request.args}
            audit.note(db, me().actor, "audit.taken", "audit", "", after=asked or None)
        body = stream_with_context(_file(parts, wanted))
        named = {"Content-Disposition": 'attachment; filename="audit.csv"'}
        return Response(body, mimetype="text/csv", headers=named)


def _wanted(parts: Parts) -> Wanted:
    """What the filters ask for; what cannot be read asks for nothing."""
    asked = request.args
    until = _day(asked.get("until", ""))
    return Wanted(
        account_id=_uuid(asked.get("who", "")),
        terminal=asked.get("who") == AT_TERMINAL,
        act=tidy(asked.get("act")) or None,
        thing=tidy(asked.get("thing")) or None,
        thing_id=tidy(asked.get("id")) or None,
        since=_midnight(_day(asked.get("since", "")), parts),
        until=_midnight(until + timedelta(days=1) if until else None, parts),
    )


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _day(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None


def _midnight(day: date | None, parts: Parts) -> datetime | None:
    """Its beginning, in the brand's time zone."""
    return datetime.combine(day, time(), parts.settings.zone) if day else None


def _file(parts: Parts, wanted: Wanted) -> Iterator[str]:
    heads = [t(f"staff.log.{name}") for name in WORDED]
    yield "\ufeff" + _row([*heads, *CODED])
    before = None
    while True:
        with parts.database.read() as db:
            lines = audit.next_lines(db, wanted, before=before, most=AT_ONCE)
        yield "".join(_row([*_worded(line, parts), *_coded(line, parts)]) for line in lines)
        if len(lines) < AT_ONCE:
            return
        before = lines[-1].number


def _worded(line: StaffAudit, parts: Parts) -> list[str]:
    at = line.at.astimezone(parts.settings.zone)
    address = "" if actors.is_terminal(line) else line.address
    kind = deeds.thing(line.thing) if line.thing_id or line.name else ""
    called = line.name if line.thing == "publishing" else deeds.called(line)
    return [
        f"{at:%Y-%m-%d %H:%M:%S}", actors.of_line(line), address, deeds.act(line.act), kind,
        called, deeds.changed(line.before, line.after),
    ]  # fmt: skip


def _coded(line: StaffAudit, parts: Parts) -> list[str]:
    at = line.at.astimezone(parts.settings.zone).isoformat()
    return [
        str(line.number), at, str(line.account_id or ""), line.act, line.thing, line.thing_id,
        line.name, _said(line.before), _said(line.after),
    ]  # fmt: skip


def _said(values: Mapping[str, Any] | None) -> str:
    return "; ".join(f"{key}: {value}" for key, value in (values or {}).items())


def _row(cells: list[str]) -> str:
    """No cell begins with what a spreadsheet would take for a formula."""
    out = io.StringIO()
    csv.writer(out).writerow(f"'{cell}" if cell[:1] in FORMULAS else cell for cell in cells)
    return out.getvalue()
