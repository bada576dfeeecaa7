"""What was put aside after its tries: what and why, trying it once more, or leaving it be."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts import audit
from core.session import Session
from deliveries.aside import MESSAGES
from deliveries.rules import MAYBE_SAID
from members import aside
from members.aside import CODES, DEAUTHORIZING, EVENTS, Aside, Kind
from members.queues import Queue, Why, because
from models import Role
from richmenus import naming, publications
from richmenus.aside import MENUS, PUBLISHING
from staff.access import me, needs
from staff.areas.people.shared import called
from staff.listing import SIZE, Page, asked_page, asked_sort
from staff.parts import Parts, at, go
from staff.saying import Undo, say
from texts import LANGUAGES
from web.language import t

KINDS: Mapping[Queue, Kind] = {
    Queue.EVENTS: EVENTS,
    Queue.MESSAGES: MESSAGES,
    Queue.CODES: CODES,
    Queue.MENUS: MENUS,
    Queue.PUBLISHING: PUBLISHING,
    Queue.DEAUTHORIZING: DEAUTHORIZING,
}
RINGS: Mapping[Queue, str] = {
    Queue.EVENTS: "inbox", Queue.MESSAGES: "outgoing", Queue.CODES: "sms", Queue.MENUS: "menus",
}  # fmt: skip
OURS = (MAYBE_SAID, "taken again and again", "the code is of no use")
"""How errors begin that are no answer of anybody's: our words say all there is to say."""
RULE = f"/today/aside/<any({','.join(KINDS)}):queue>"


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get(RULE)
    @needs(Role.VIEWER)
    def put_aside(queue: str) -> ResponseReturnValue:
        number, sort = asked_page(), asked_sort(("at",), "at", down=True)
        with parts.database.read() as db:
            leaf = aside.leaf(
                db, KINDS[Queue(queue)], parts.now(),
                number=number, size=SIZE, oldest_first=not sort.down,
            )  # fmt: skip
            in_force = publications.in_force(db) if queue == Queue.MENUS else None
        names = naming.menus(in_force.edition) if in_force else {}
        return render_template(
            "staff/today/aside.html", queue=queue, leaf=leaf, sort=sort,
            page=Page(leaf.rows, number, leaf.total), called=called, what=_what,
            menu_name=lambda key: names.get(key, key),
            why=lambda row: why(Queue(queue), row.error, row.what),
            ours=lambda row: row.error.startswith(OURS),
        )  # fmt: skip

    _again(pages, parts)
    _leaving(pages, parts)


def _again(pages: Blueprint, parts: Parts) -> None:
    @pages.post(f"{RULE}/again")
    @needs(Role.PUBLISHER)
    def try_again(queue: str) -> ResponseReturnValue:
        with parts.database.begin() as db:
            count = aside.again(db, KINDS[Queue(queue)], parts.now(), _only())
            _note(db, "tried_again", queue, count)
        if ring := RINGS.get(Queue(queue)):
            parts.ring(ring)
        return _told("again_said", queue, count)


def _leaving(pages: Blueprint, parts: Parts) -> None:
    @pages.post(f"{RULE}/leave")
    @needs(Role.PUBLISHER)
    def leave_aside(queue: str) -> ResponseReturnValue:
        now = parts.now()
        with parts.database.begin() as db:
            count = aside.leave(db, KINDS[Queue(queue)], now, _only())
            _note(db, "left", queue, count)
        undo = Undo(at("put_back_aside", queue=queue), {"at": now.isoformat()})
        return _told("left_said", queue, count, undo)

    @pages.post(f"{RULE}/back")
    @needs(Role.PUBLISHER)
    def put_back_aside(queue: str) -> ResponseReturnValue:
        left_at, count = _moment(request.form.get("at", "")), 0
        if left_at:
            with parts.database.begin() as db:
                count = aside.put_back(db, KINDS[Queue(queue)], left_at)
                _note(db, "put_back", queue, count)
        return _told("back_said", queue, count)


def _note(db: Session, did: str, queue: str, count: int) -> None:
    if count:
        name, rows = t(f"staff_people.queue.{queue}"), {"rows": count}
        audit.note(db, me().actor, f"work.{did}", "work", queue, name, after=rows)


def _told(did: str, queue: str, count: int, undo: Undo | None = None) -> ResponseReturnValue:
    if count:
        say(f"staff_people.aside.{did}", undo, count=f"{count:,}")
    else:
        say("staff_people.aside.nothing_said", kind="info")
    return go("put_aside", queue=queue)


def _only() -> UUID | None:
    """One row, when the button was one row's."""
    typed = request.form.get("id", "")
    try:
        return UUID(typed) if typed else None
    except ValueError:
        return UUID(int=0)  # nobody's: what cannot be read is not all of them


def _moment(typed: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _what(row: Aside) -> str:
    """Of a message, what it was for: the first word of its key."""
    key = f"staff_people.aside_what.{row.what.partition(':')[0]}"
    return t(key) if key in LANGUAGES["ja"] else ""


def why(queue: Queue, error: str, what: str = "") -> str:
    """What went wrong, in words."""
    return t(f"staff_people.aside_why.{_why(queue, error, what)}")


def _why(queue: Queue, error: str, what: str) -> str:
    match queue:
        case Queue.EVENTS:
            return "stuck" if error.startswith(OURS) else "errors"
        case Queue.MESSAGES if error == MAYBE_SAID:
            return "maybe"
        case Queue.CODES:
            return "code_over" if error.startswith(OURS) else "sms"
        case Queue.PUBLISHING:
            return what or "not"
        case Queue.DEAUTHORIZING:
            return "withdrawal"
    held_up = because(queue, error)
    return held_up if held_up in (Why.QUOTA, Why.TOKEN) else f"refused_{queue}"
