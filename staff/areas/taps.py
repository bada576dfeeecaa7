"""Where friends tap: each area's taps on the picture and in a table."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from line.gateway import LineError
from models import Role
from richmenus import insights, taps
from staff.access import needs
from staff.areas.publishing import wording
from staff.parts import Nav, Parts, go
from staff.saying import say
from web.language import t

NAV = Nav("staff_publish.nav.taps", "taps", "hand-index-thumb", 36, Role.VIEWER)
SPANS = (7, 30, 90)
SAYS = ("displayText", "text", "uri", "data", "clipboardText", "richMenuAliasId")


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/taps", endpoint="taps")
    @needs(Role.VIEWER)
    def everywhere() -> ResponseReturnValue:
        days = _days(request.args.get("days", ""))
        with parts.database.read() as db:
            found = taps.in_force(db, days, parts.now(), parts.settings.zone)
            told = insights.kept(db, found)
        return render_template(
            "staff/publishing/taps.html",
            found=found,
            days=days,
            spans=SPANS,
            does=_does,
            told=told,
            tab_words=wording.tab,
        )

    @pages.post("/taps/line")
    @needs(Role.EDITOR)
    def taps_at_line() -> ResponseReturnValue:
        """Ask LINE what it counted; it may be asked only so often, so a button does it."""
        days = _days(request.form.get("days", ""))
        with parts.database.read() as db:
            found = taps.in_force(db, days, parts.now(), parts.settings.zone)
        try:
            insights.ask(parts.database, parts.line, found, days, parts.now())
            say("staff_publish.said.line_asked")
        except LineError as e:
            say("staff_publish.said.line_failed", kind="warning", why=str(e))
        return go("taps", days=days)


def _days(asked: str) -> int:
    return int(asked) if asked in map(str, SPANS) else SPANS[1]


def _does(action: Mapping[str, Any]) -> str:
    """What an area does, in the person's words; its label when it has one."""
    if label := action.get("label"):
        return str(label)
    what = next((str(action[key]) for key in SAYS if action.get(key)), "")
    return f"{t('staff_publish.taps.kind.' + action['type'])} {what}".strip()
