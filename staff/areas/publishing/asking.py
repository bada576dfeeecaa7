"""What publishing the desk would do, and asking for it: now, or at a time."""

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts import audit
from core.errors import Conflict, Invalid
from models import PublishRun, Role
from richmenus import desk, drafts, foresight, publications, publish_runs
from richmenus.editions import Edition
from richmenus.foresight import Foresight
from richmenus.problems import BadMenus
from richmenus.publish_runs import Asked
from staff.access import me, needs
from staff.parts import Parts, at, go
from staff.saying import Undo, say
from web.errors import words
from web.language import current, t


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/publishing", endpoint="publishing")
    @needs(Role.VIEWER)
    def overview() -> ResponseReturnValue:
        return _page(parts)

    @pages.post("/publishing", endpoint="publish")
    @needs(Role.PUBLISHER)
    def publish() -> ResponseReturnValue:
        """`do=now`, or `do=later` with a day and a time."""
        try:
            with parts.database.read() as db:
                edition = desk.edition(db, parts.settings)
                people = foresight.people(db, edition, parts.now(), parts.settings.zone)
            if request.form.get("seen", edition.fingerprint) != edition.fingerprint:
                return _page(parts, {"now": t("staff_publish.publish.moved_on")})
            when = _time(parts) if request.form.get("do") == "later" else None
            if not foresight.confirmed(people, request.form.get("confirm", "")):
                return _page(parts, {"confirm": t("staff_publish.publish.type_it")})
            run = ask(parts, edition, Asked(me().name, me().account_id, people), when)
        except BadMenus:
            return _page(parts)
        except (Conflict, Invalid) as e:
            name = "day" if isinstance(e, Invalid) else "now"
            return _page(parts, {name: words(e)})
        if when is None:
            return go("publish_run", run_id=run.id)
        undo = Undo(at("cancel_run", run_id=run.id), key="staff_publish.publish.cancel")
        say("staff_publish.said.scheduled", undo, at=f"{when:%Y-%m-%d %H:%M}")
        return go("publishing")


def ask(
    parts: Parts, edition: Edition, asked: Asked, when: datetime | None, *, lay: bool = False
) -> PublishRun:
    """Put it down, with who asked for it in the log, and wake the worker. `lay`: the desk becomes
    the same, so that what staff see next is what is in force."""
    if lay:
        drafts.see_to(parts.database, parts.settings, parts.now())
    with parts.database.begin() as db:
        if lay:
            drafts.lay(db, edition, by=me().name, now=parts.now(), settings=parts.settings)
        run = publish_runs.ask(db, edition, asked, parts.now(), at=when)
        act = "publishing.scheduled" if when else "publishing.asked"
        facts: dict[str, Any] = {"people": asked.people}
        if asked.restores:
            act, facts = "publishing.undone", facts | {"number": asked.restores}
        if when:
            facts["at"] = f"{when.astimezone(parts.settings.zone):%Y-%m-%d %H:%M}"
        audit.note(db, me().actor, act, "publishing", run.id, after=facts)
    if when is None:
        parts.ring("publishing")
    return run


def _time(parts: Parts) -> datetime:
    """In the brand's zone, as typed."""
    day, time = request.form.get("day", ""), request.form.get("time", "")
    try:
        typed = datetime.fromisoformat(f"{day}T{time or '00:00'}")
    except ValueError as e:
        raise Invalid("staff_publish.time_missing") from e
    return typed.replace(tzinfo=parts.settings.zone)


def _page(parts: Parts, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    found: Foresight | None = None
    problems: list[str] = []
    with parts.database.read() as db:
        try:
            edition = desk.edition(db, parts.settings)
        except BadMenus as e:
            edition, problems = None, [each.said(current()) for each in e.problems]
        now_number = publications.current_number(db)
        in_force = publications.numbered(db, now_number) if now_number else None
        running = publish_runs.running(db)
        waiting = publish_runs.scheduled(db)
        elsewhere = publish_runs.elsewhere_until(db, parts.now())
    if edition and edition.rules:
        found = foresight.look(
            parts.database, parts.line, edition, parts.now(), parts.settings.zone
        )
    return render_template(
        "staff/publishing/publish.html", found=found, problems=problems, in_force=in_force,
        running=running, waiting=waiting, elsewhere=None if running else elsewhere,
        fingerprint=edition.fingerprint if edition else "", errors=errors or {},
        typed=request.form,
    ), 422 if errors else 200  # fmt: skip
