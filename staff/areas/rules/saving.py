"""Saving the rules: with who did it in the log, and a button that undoes it."""

from typing import Any

from accounts import audit
from richmenus import desk, drafts
from staff.access import me
from staff.parts import Parts, at
from staff.saying import Undo, say

ACTS = {"up": "rules.ordered", "down": "rules.ordered", "order": "rules.ordered"}


def save(
    parts: Parts, rules: list[Any], seen: int, act: str, *, name: str = "",
    before: Any = None, after: Any = None,
) -> None:  # fmt: skip
    """Raises Conflict when somebody has saved since `seen`, BadMenus when they are wrong."""
    drafts.see_to(parts.database, parts.settings, parts.now())
    with parts.database.begin() as db:
        row = drafts.save_rules(
            db, rules, seen=seen, by=me().name, now=parts.now(), settings=parts.settings
        )
        if row.version == seen:
            return
        audit.note(db, me().actor, act, "rules", "", name, _fact(before), _fact(after))
        undo = undoing(db, seen, row.version)
    say(f"staff_publish.said.{act.replace('.', '_')}", undo, name=name)


def undoing(db: Any, before: int, now: int) -> Undo | None:
    """Brings back what was there before."""
    save_before = desk.version(db, desk.RULES, before)
    if save_before is None:
        return None
    return Undo(at("rules_back"), {"save": str(save_before.id), "seen": str(now)})


def _fact(rule: Any) -> dict[str, Any] | None:
    return None if rule is None else {"rule": rule}
