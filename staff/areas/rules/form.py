"""The form of one rule: what a page posts, what the desk's rules say, and the way between."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from segments import builder
from segments.builder import Group
from web.forms import tidy

PERIODS = ("from", "until")
WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(?::00)?)?")
STEPS = ("ask", "group", "remove", "up", "down")


@dataclass(frozen=True)
class Period:
    """One end of a period. `other`: written by hand in a way that the two fields cannot show."""

    day: str = ""
    time: str = ""
    other: str = ""

    @property
    def written(self) -> str:
        return self.other or " ".join(each for each in (self.day, self.time) if each)


@dataclass(frozen=True)
class RuleForm:
    menu: str = ""
    because: str = ""
    when: Group = field(default_factory=Group)
    starts: Period = Period()
    ends: Period = Period()

    def rule(self, before: Any) -> dict[str, Any]:
        """As the desk keeps it; a condition that means the same stays as it was written."""
        made: dict[str, Any] = {"menu": self.menu, "because": self.because}
        when = builder.kept(before.get("when") if before else None, self.when)
        periods = {"from": self.starts.written, "until": self.ends.written}
        asked = {} if when is None else {"when": when}
        return made | asked | {name: value for name, value in periods.items() if value}


def of_rule(rule: Mapping[str, Any]) -> RuleForm:
    return RuleForm(
        menu=rule["menu"],
        because=rule["because"],
        when=builder.read(rule.get("when")),
        starts=_period(rule.get("from")),
        ends=_period(rule.get("until")),
    )


def _period(given: Any) -> Period:
    written = str(given or "")
    found = WRITTEN.fullmatch(written)
    return Period(found[1], found[2] or "") if found else Period(other=written)


def _joined(fields: MultiDict[str, str]) -> Mapping[str, str]:
    """What was ticked several times under one name: one a line, as the builder has it."""
    return {name: "\n".join(values) for name, values in fields.lists()}


def of_fields(fields: MultiDict[str, str]) -> RuleForm:
    starts, ends = (
        Period(*(tidy(fields.get(f"{name}_{part}")) for part in ("day", "time", "other")))
        for name in PERIODS
    )
    return RuleForm(
        menu=fields.get("menu", ""),
        because=tidy(fields.get("because")),
        when=builder.from_fields(_joined(fields)),
        starts=starts,
        ends=ends,
    )


def step_of(fields: Mapping[str, str]) -> tuple[str, str]:
    """What the pressed button says: `up@when.0.1`; where it has nothing to say: save."""
    what, _, name = fields.get("do", "save").partition("@")
    return what, name


def stepped(form: RuleForm, fields: Mapping[str, str]) -> RuleForm:
    what, name = step_of(fields)
    if what not in STEPS:
        return form
    when = builder.take_step(form.when, what, builder.place_of(name), fields.get(f"{name}.new", ""))
    return replace(form, when=when)
