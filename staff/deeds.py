"""The words for what the audit log holds: each area of the site brings those of its own acts.

`<area>.audit.<act>` for an act such as `menu.saved` (written `menu_saved`), `<area>.thing.<thing>`
for what it was done to, `<area>.fact.<name>` for what changed of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from models import StaffAudit
from texts import LANGUAGES
from web.language import t


def _keys(of: str) -> Iterator[tuple[str, str]]:
    for key in LANGUAGES["ja"]:
        area, kind, name = (*key.split(".", 2), "", "")[:3]
        if area.startswith("staff") and kind == of:
            yield name, key


ACTS, THINGS, FACTS = dict(_keys("audit")), dict(_keys("thing")), dict(_keys("fact"))


def act(name: str) -> str:
    key = ACTS.get(name.replace(".", "_"))
    return t(key) if key else name


def thing(name: str) -> str:
    key = THINGS.get(name)
    return t(key) if key else name


def fact(name: str) -> str:
    key = FACTS.get(name)
    return t(key) if key else name


def value(said: object) -> str:
    """A role or a way to sign in by its name, a list by its parts, the rest as it is."""
    if isinstance(said, list):
        return t("staff.comma").join(value(each) for each in said)
    keys = (f"staff.role.{said}", f"staff.how.{said}")
    named = next((t(key) for key in keys if key in LANGUAGES["ja"]), None)
    return named or ("–" if said in (None, "") else str(said))


def called(line: StaffAudit) -> str:
    """What the thing was called, or what it is known by; kinds of work in the reader's words."""
    key = f"staff_people.queue.{line.thing_id}"
    if line.thing == "work" and key in LANGUAGES["ja"]:
        return t(key)
    return line.name or line.thing_id


def changes(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[tuple[str, str | None, str | None]]:
    """What of the thing is another now, from what to what. None: it was not there."""
    had, has = before or {}, after or {}
    for name in dict.fromkeys([*had, *has]):
        if name in had and name in has and had[name] == has[name]:
            continue
        if name == "pictures":  # known by marks that tell nobody anything
            new = len(set(has.get(name, ())) - set(had.get(name, ())))
            yield fact(name), None, t("staff.log.pictures", count=new)
        else:
            was = value(had[name]) if name in had else None
            yield fact(name), was, value(has[name]) if name in has else None


def changed(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    """The same in one line; what is gone leads to nothing."""
    said = []
    for name, was, new in changes(before, after):
        steps = [each for each in (was, new or value(None)) if each is not None]
        said.append(name + t("staff.colon") + " → ".join(steps))
    return "; ".join(said)


def acts() -> list[tuple[str, str]]:
    """All there are, by their words, for a filter. The first underscore stands for the dot."""
    found = [(name.replace("_", ".", 1), t(key)) for name, key in ACTS.items()]
    return sorted(found, key=lambda each: each[1])
