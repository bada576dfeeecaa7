"""Saving the rules: with who did it in the log, a button that undoes it, and a word when the rule
decides for nobody."""

from collections.abc import Sequence
from typing import Any

from accounts import audit
from richmenus import contradictions, desk, drafts, rule_list, rule_steps
from richmenus.contradictions import Finding, Odd
from richmenus.rulebook import MenuRule
from staff.access import me
from staff.parts import Parts, at
from staff.saying import Undo, say
from web.language import t

ACTS = {"up": "rules.ordered", "down": "rules.ordered", "order": "rules.ordered"}


def save(
    parts: Parts, rules: list[Any], seen: int, act: str, *, name: str = "",
    before: Any = None, after: Any = None,
) -> int:  # fmt: skip
    """The version that is there now. Raises Conflict when somebody has saved since `seen`,
    BadMenus when they are wrong."""
    drafts.see_to(parts.database, parts.settings, parts.now())
    with parts.database.begin() as db:
        row = drafts.save_rules(
            db, rules, seen=seen, by=me().name, now=parts.now(), settings=parts.settings
        )
        if row.version == seen:
            return row.version
        audit.note(db, me().actor, act, "rules", "", name, _fact(before), _fact(after))
        undo = undoing(db, seen, row.version)
    say(f"staff_publish.said.{act.replace('.', '_')}", undo, name=name)
    return row.version


def tell_if_idle(parts: Parts, rules: list[Any], n: int, version: int) -> None:
    """When a rule decides for nobody where it stands: why, and a button that moves it to the top
    if that is what it needs. The last rule is there for those who are left, so may have nobody."""
    if rule_steps.is_last(rules, n):
        return
    with parts.database.read() as db:
        found, read = rule_list.reached(db, parts.settings, rules, parts.now())
    odd = odd_at(read, n, parts)
    people, now = found.rules[n], read[n].in_force(parts.now())
    if not odd and not (now and people.fits and not people.decides):
        return
    why = odd_words(odd, read) if odd else t("staff_publish.odd.all_taken")
    behind = n > 0 and (odd is None or odd.odd is Odd.HIDDEN)
    fields = {"do": f"top@{n}", "seen": str(version)}
    top = Undo(at("change_rules"), fields, key="staff_publish.rules.to_top", icon="arrow-up")
    key = "staff_publish.odd.saved_idle"
    say(key, top if behind else None, kind="warning", name=rules[n]["because"], why=why)


def odd_at(rules: Sequence[MenuRule], n: int, parts: Parts) -> Finding | None:
    return next((f for f in contradictions.among(rules, parts.now()) if f.rule == n), None)


def odd_words(found: Finding, rules: Sequence[MenuRule]) -> str:
    by = found.by or 0
    values = {"number": by + 1, "because": rules[by].because}
    return t(f"staff_publish.odd.{found.odd.value}", **values)


def undoing(db: Any, before: int, now: int) -> Undo | None:
    """Brings back what was there before."""
    save_before = desk.version(db, desk.RULES, before)
    if save_before is None:
        return None
    return Undo(at("rules_back"), {"save": str(save_before.id), "seen": str(now)})


def _fact(rule: Any) -> dict[str, Any] | None:
    return None if rule is None else {"rule": rule}
