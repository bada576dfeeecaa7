"""Reading the rules that share the menus out: plain YAML or JSON in, rules with conditions out."""

import json
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from richmenus.problems import WORDS, Wrong
from richmenus.rules import Rule
from richmenus.schema import RuleEntry
from segments import EVERYONE, BadCondition, Condition, parse
from texts import LANGUAGES

MenuRule = Rule[Condition]
MOST = 100
"""Rules of one edition: each costs something for everybody."""


class BadRules(ValueError):
    def __init__(self, problems: Iterable[Wrong]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(wrong.reason for wrong in self.problems))


def plain(given: Any) -> Any:
    """The same in JSON's few types, to be stored and compared: dates become text."""
    return json.loads(json.dumps(given, default=str, ensure_ascii=False))


def rules(given: Any, keys: Collection[str], zone: ZoneInfo) -> tuple[MenuRule, ...]:
    """Raises BadRules, which names everything that is wrong."""
    if not isinstance(given, list) or not given:
        raise BadRules([Wrong((), "must be a list of rules (menu, because, when)", "no_rules")])
    if len(given) > MOST:
        said = f"holds {len(given)} rules; at most {MOST} are read"
        raise BadRules([Wrong((), said, "too_many_rules", {"found": len(given), "limit": MOST})])
    found: list[MenuRule] = []
    problems: list[Wrong] = []
    for n, entry in enumerate(given):
        try:
            found.append(_rule(entry, n, keys, zone))
        except BadRules as e:
            problems += e.problems
    if found and not problems:
        problems += _about_the_last(found[-1], len(found) - 1)
    if problems:
        raise BadRules(problems)
    return tuple(found)


def _rule(given: Any, n: int, keys: Collection[str], zone: ZoneInfo) -> MenuRule:
    try:
        entry = RuleEntry.model_validate(given)
    except ValidationError as e:
        raise BadRules(wrong(p).under(n) for p in e.errors()) from e
    problems: list[Wrong] = []
    if entry.menu not in keys:
        known = ", ".join(sorted(keys))
        said = f"there is no menu {entry.menu!r}; there are {known}"
        problems.append(Wrong((n, "menu"), said, "no_such_menu", {"menu": entry.menu}))
    condition: Condition = EVERYONE
    try:
        condition = EVERYONE if entry.when is None else parse(entry.when)
    except BadCondition as e:
        problems += (Wrong((n, "when", *p.path), p.said("en"), condition=p) for p in e.problems)
    period: dict[str, datetime | None] = {}
    for name, value, last in (("from", entry.starts, False), ("until", entry.until, True)):
        try:
            period[name] = _moment(value, zone, last=last)
        except (ValueError, OverflowError):  # no day comes after the last of the year 9999
            said = f"{value!r} is not like 2026-12-24 or 2026-12-24 18:00"
            problems.append(Wrong((n, name), said, "no_time", {"value": str(value)}))
    if problems:
        raise BadRules(problems)
    starts, ends = period["from"], period["until"]
    if starts and ends and ends <= starts:
        raise BadRules([Wrong((n, "until"), "ends before it begins", "ends_first")])
    return Rule(entry.menu, entry.because, condition, starts, ends)


def _moment(given: Any, zone: ZoneInfo, *, last: bool) -> datetime | None:
    """A day or a time of the brand's zone; `until` a day means to its end."""
    if given is None:
        return None
    said = str(given)
    if len(said) == len("2026-12-24"):
        day = date.fromisoformat(said) + timedelta(days=1 if last else 0)
        return datetime.combine(day, time(), zone)
    when = datetime.fromisoformat(said)
    return when if when.tzinfo else when.replace(tzinfo=zone)


def _about_the_last(rule: MenuRule, n: int) -> Iterable[Wrong]:
    if rule.when != EVERYONE:
        said = "the last rule must fit everyone: leave out its `when`"
        yield Wrong((n, "when"), said, "last_fits_all")
    if rule.starts or rule.ends:
        said = "the last rule must always hold: leave out its period"
        yield Wrong((n,), said, "last_always")


KEYS = {
    "missing": "missing",
    "extra_forbidden": "unknown",
    "greater_than_equal": "too_small",
    "too_short": "too_few",
    "too_long": "too_many",
    "literal_error": "not_offered",
    "union_tag_invalid": "no_action",
    "union_tag_not_found": "no_action",
}
"""Pydantic's own findings, and the words we have for them."""


def wrong(problem: Any) -> Wrong:
    """A problem of pydantic's; its reason is a sentence that begins with what it is about."""
    name = next((str(step) for step in reversed(problem["loc"]) if isinstance(step, str)), "")
    said = problem["msg"].removeprefix("Value error, ")
    kind, values = problem["type"], problem.get("ctx", {})
    has_words = f"{WORDS}.{kind}" in LANGUAGES["en"]
    key = KEYS.get(kind) or (kind if has_words else "wrong_type")
    match kind:
        case "missing":
            said = f"{name} is missing"
        case "extra_forbidden":
            said = f"{name} is not known here"
        case _:
            said = f"{name}: {said}" if name else said
    return Wrong(tuple(problem["loc"]), said, key, {"name": name, **values})
