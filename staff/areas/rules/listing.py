"""The list of rules, in order, with the people each decides for; and the buttons that change it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts import audit
from core.errors import Conflict, NotFound
from models import Role
from richmenus import desk, drafts, rule_list, rule_steps
from richmenus.problems import BadMenus
from staff.access import me, needs
from staff.areas.rules.saving import save, undoing
from staff.listing import Page, asked_page
from staff.parts import Parts, go
from staff.saying import say
from web.forms import whole
from web.language import current

HISTORY = 20


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/rules", endpoint="rules")
    @needs(Role.VIEWER)
    def everything() -> ResponseReturnValue:
        exact = request.args.get("count") == "all"
        with parts.database.read() as db:
            found = rule_list.look(db, parts.settings, parts.now(), current(), exact=exact)
        return render_template("staff/rules/list.html", found=found)

    @pages.post("/rules/change")
    @needs(Role.EDITOR)
    def change_rules() -> ResponseReturnValue:
        """A rule up, down, to the top or away, or all in another order: `do=up@2`,
        `do=order&order=1,0`."""
        seen = whole(request.form.get("seen", "")) or 0
        with parts.database.read() as db:
            rules = desk.read(db, parts.settings).rules.rules
        what, _, place = request.form.get("do", "").partition("@")
        asked = whole(place)
        n = -1 if asked is None or asked >= len(rules) else asked
        changed = _changed(rules, what, n)
        act = "rules.removed" if what == "remove" else "rules.ordered"
        before = rules[n] if what == "remove" and n >= 0 else None
        try:
            name = rules[n]["because"] if n >= 0 else ""
            save(parts, changed, seen, act, name=name, before=before)
        except Conflict:
            say("staff_publish.said.changed_meanwhile", kind="warning")
        except BadMenus as e:
            say("staff_publish.said.wrong", kind="danger", why=e.problems[0].said(current()))
        return go("rules")

    @pages.post("/rules/back")
    @needs(Role.EDITOR)
    def rules_back() -> ResponseReturnValue:
        """An earlier state of the rules once more; this, too, is a save that can be undone."""
        seen = whole(request.form.get("seen", "")) or 0
        try:
            with parts.database.begin() as db:
                row = drafts.bring_back(
                    db, UUID(request.form.get("save", "")), seen=seen, by=me().name,
                    now=parts.now(), settings=parts.settings,
                )  # fmt: skip
                audit.note(db, me().actor, "rules.brought_back", "rules", "")
                undo = undoing(db, seen, row.version)
            say("staff_publish.said.rules_brought_back", undo)
        except Conflict:
            say("staff_publish.said.changed_meanwhile", kind="warning")
        except BadMenus as e:
            say("staff_publish.said.wrong", kind="danger", why=e.problems[0].said(current()))
        except ValueError as e:
            raise NotFound("staff_menus.no_such_save") from e
        return go("rules")

    @pages.get("/rules/history", endpoint="rules_history")
    @needs(Role.VIEWER)
    def history() -> ResponseReturnValue:
        number = asked_page()
        with parts.database.read() as db:
            offset = (number - 1) * HISTORY
            saves = desk.history(db, desk.RULES, limit=HISTORY + 1, offset=offset)
            total = desk.saves(db, desk.RULES)
            version = desk.read(db, parts.settings).rules.version
        return render_template(
            "staff/rules/history.html", saves=saves, version=version,
            page=Page(saves[:HISTORY], number, total, HISTORY),
        )  # fmt: skip


def _changed(rules: list[Any], what: str, n: int) -> list[Any]:
    if what == "order":
        places = map(whole, request.form.get("order", "").split(","))
        return rule_steps.ordered(rules, [place for place in places if place is not None])
    if n >= 0 and what == "remove":
        return rule_steps.removed(rules, n)
    by = {"up": -1, "down": 1, "top": -n}.get(what, 0)
    return rule_steps.moved(rules, n, by) if n >= 0 else rules
