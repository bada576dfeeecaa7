"""A month of menus: which rules with a period hold on which day, and what is published when."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from models import PublishRun, Role
from richmenus import calendar as months
from richmenus import desk, publish_runs, rule_list
from richmenus.calendar import Change, Day
from staff.access import needs
from staff.parts import Parts
from web.language import t

YEARS = range(2000, 2200)
"""Which anybody looks at; a month before and after each there is another."""


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/rules/calendar", endpoint="rules_calendar")
    @needs(Role.VIEWER)
    def calendar() -> ResponseReturnValue:
        zone, now = parts.settings.zone, parts.now()
        today = now.astimezone(zone).date()
        month = _asked() or today.replace(day=1)
        with parts.database.read() as db:
            lying = desk.read(db, parts.settings)
            runs = publish_runs.scheduled(db)
        rules = rule_list.rules_of(lying, parts.settings)
        weeks, by_day = months.month(rules, month.year, month.month, zone), _by_day(runs, parts)
        days = [day for week in weeks for day in week if day.in_month]
        return render_template(
            "staff/rules/calendar.html",
            weeks=weeks, month=month, today=today, until=_until(days, {today, *by_day}),
            busy=any(day.shown or day.day in by_day for day in days),
            before=_shifted(month, -1), after=_shifted(month, 1), rules=rules,
            given=lying.rules.rules, menus=rule_list.menus_of(lying),
            changes=_coming(months.next_changes(rules, now), runs), runs=by_day,
            month_name=t(f"segments.month.{month.month}"), year=month.year,
        )  # fmt: skip


def _coming(
    changes: Sequence[Change], runs: Sequence[PublishRun]
) -> list[tuple[datetime, Change | PublishRun]]:
    """Rules that begin or end, and what is published, the soonest first."""
    found: list[tuple[datetime, Change | PublishRun]] = [(each.at, each) for each in changes]
    found += [(run.scheduled_for, run) for run in runs if run.scheduled_for]
    return sorted(found, key=lambda each: each[0])[: months.MOST_CHANGES]


def _until(days: Sequence[Day], alone: Collection[date]) -> dict[date, date | None]:
    """The last of the days on which the same is shown, by the first of them; None by the others,
    which a phone has no room for. `alone`: days that stand by themselves."""
    found: dict[date, date | None] = {}
    first = None
    for day in days:
        changes = any(each.starts or each.ends for each in day.shown) or day.day in alone
        if changes or first is None or first.shown != day.shown:
            first = None if changes else day
            found[day.day] = day.day
        else:
            found[first.day], found[day.day] = day.day, None
    return found


def _asked() -> date | None:
    try:
        found = datetime.strptime(request.args.get("month", ""), "%Y-%m").date()  # noqa: DTZ007
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _shifted(month: date, by: int) -> str:
    months_ = month.year * 12 + month.month - 1 + by
    return f"{months_ // 12:04}-{months_ % 12 + 1:02}"


def _by_day(runs: Sequence[PublishRun], parts: Parts) -> dict[date, list[PublishRun]]:
    found: dict[date, list[PublishRun]] = {}
    for run in runs:
        if run.scheduled_for is None:
            continue
        day = run.scheduled_for.astimezone(parts.settings.zone).date()
        found.setdefault(day, []).append(run)
    return found
