"""Moments as staff read them: in the brand's time zone, in figures that line up."""

from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup


def when(moment: datetime | None, zone: ZoneInfo) -> str | Markup:
    """2026-04-01 12:00, and the whole of it for machines. Nothing for None."""
    return _shown(moment, zone, "%Y-%m-%d %H:%M")


def day(moment: datetime | None, zone: ZoneInfo) -> str | Markup:
    return _shown(moment, zone, "%Y-%m-%d")


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """12:00, to stand within a sentence."""
    return moment.astimezone(zone).strftime("%H:%M")


def _shown(moment: datetime | None, zone: ZoneInfo, form: str) -> str | Markup:
    if moment is None:
        return ""
    there = moment.astimezone(zone)
    return Markup('<time datetime="{}">{}</time>').format(there.isoformat(), there.strftime(form))
