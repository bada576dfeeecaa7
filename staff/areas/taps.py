"""Where friends tap: each area's taps on the picture and in a table."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from models import Role
from richmenus import taps
from staff.access import needs
from staff.parts import Nav, Parts
from web.language import t

NAV = Nav("staff_publish.nav.taps", "taps", "hand-index-thumb", 36, Role.VIEWER)
SPANS = (7, 30, 90)
SAYS = ("displayText", "text", "uri", "data", "clipboardText", "richMenuAliasId")


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/taps", endpoint="taps")
    @needs(Role.VIEWER)
    def everywhere() -> ResponseReturnValue:
        asked = request.args.get("days", "")
        days = int(asked) if asked in map(str, SPANS) else SPANS[1]
        now, zone = parts.now(), parts.settings.zone
        with parts.database.read() as db:
            found = taps.in_force(db, days, now, zone)
        return render_template(
            "staff/publishing/taps.html", found=found, days=days, spans=SPANS, does=_does
        )


def _does(action: Mapping[str, Any]) -> str:
    """What an area does, in the person's words; its label when it has one."""
    if label := action.get("label"):
        return str(label)
    what = next((str(action[key]) for key in SAYS if action.get(key)), "")
    return f"{t('staff_publish.taps.kind.' + action['type'])} {what}".strip()
