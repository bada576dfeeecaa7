"""Today: how the account stands, how people come to be linked, and whether all work is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from members import figures, funnel, queues
from members.figures import Figures
from models import Role, Step
from staff.access import needs
from staff.areas.today import mending
from staff.parts import Parts
from staff.plots import Plot, plot

PERIODS = (7, 30, 90)
"""Days that the funnel may be shown of."""
PERIOD = 30

Value = Callable[[Figures], float | None]
SHOWN: dict[str, Value] = {
    "friends": lambda each: each.friends,
    "reachable": lambda each: each.reachable,
    "linked": lambda each: each.linked,
    "link_rate": lambda each: each.link_rate,
    "block_rate": lambda each: each.block_rate,
}


@dataclass(frozen=True)
class Figure:
    name: str
    is_rate: bool
    now: float | None
    before: float | None
    """The oldest value known of the line."""
    since: object
    """Its day."""
    plot: Plot

    @property
    def change(self) -> float | None:
        if self.now is None or self.before is None:
            return None
        return self.now - self.before


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/today", endpoint="today")
    @needs(Role.VIEWER)
    def today() -> ResponseReturnValue:
        now, settings, days = parts.now(), parts.settings, _period()
        first = funnel.first_day(now, settings, days)
        since = datetime.combine(first, time(), settings.zone)
        with parts.database.read() as db:
            line = figures.line(db, now, settings.zone)
            unheard = figures.unheard(db)
            ways = funnel.ways(db, first)
            by_how = funnel.by_how(db, since)
            health = queues.health(db, now, parts.last_beat())
        return render_template(
            "staff/today/today.html",
            now=now,
            line=line,
            figures=[_figure(name, value, line) for name, value in SHOWN.items()],
            unheard=unheard,
            days=days,
            periods=PERIODS,
            ways=ways,
            way=funnel.WAY,
            by_how=by_how,
            health=health,
            worker_since=now - health.silent_for if health.silent_for else None,
            clock=lambda moment: moment.astimezone(settings.zone).strftime("%H:%M"),
            zone=settings.zone,
            is_today=lambda moment: _same_day(moment, now, parts),
            share=_share,
            Step=Step,
            tried_again=mending.RINGS,
            why=mending.why,
        )


def _period() -> int:
    asked = request.args.get("days", "")
    return int(asked) if asked in map(str, PERIODS) else PERIOD


def _figure(name: str, value: Value, line: Sequence[Figures]) -> Figure:
    values = [value(each) for each in line]
    first = next((n for n, each in enumerate(values[:-1]) if each is not None), None)
    return Figure(
        name,
        name.endswith("_rate"),
        values[-1],
        None if first is None else values[first],
        None if first is None else line[first].day,
        plot(values),
    )


def _share(part: int, whole: int) -> float:
    """Of 100, and never more: who was offered it before the period began may open it in it."""
    return round(min(100.0, 100 * part / whole), 1) if whole else 0.0


def _same_day(moment: datetime, now: datetime, parts: Parts) -> bool:
    zone = parts.settings.zone
    return moment.astimezone(zone).date() == now.astimezone(zone).date()
