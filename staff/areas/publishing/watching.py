"""One publishing that was asked for: how far it is, also for a script that asks again and again."""

from uuid import UUID

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from accounts import audit
from core.errors import Conflict, Invalid
from core.owed import State
from models import PublishRun, Role, Stopped
from richmenus import desk, foresight, naming, publications, publish_runs
from richmenus.problems import BadMenus
from richmenus.publish_runs import Asked
from staff.access import me, needs
from staff.areas.publishing.asking import ask
from staff.parts import Parts, at, go
from staff.saying import Undo, say
from web.errors import words
from web.language import t

AGAIN = 2
"""Seconds between looks."""
STOPPED = frozenset({Stopped.NOT, Stopped.OVERTAKEN, Stopped.REFUSED, Stopped.UNREACHABLE})
"""Ends that nobody wanted."""


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/publishing/runs/<uuid:run_id>")
    @needs(Role.VIEWER)
    def publish_run(run_id: UUID) -> ResponseReturnValue:
        return _page(parts, run_id)

    @pages.get("/publishing/runs/<uuid:run_id>.json")
    @needs(Role.VIEWER)
    def publish_run_state(run_id: UUID) -> ResponseReturnValue:
        with parts.database.read() as db:
            run = publish_runs.get(db, run_id)
        return jsonify(
            done=run.done_steps,
            all=run.all_steps,
            ended=run.state != State.DUE,
            state=state_of(run),
            words=said(run),
        )

    _again(pages, parts)
    _cancelling(pages, parts)


def _again(pages: Blueprint, parts: Parts) -> None:
    @pages.post("/publishing/runs/<uuid:run_id>/again")
    @needs(Role.PUBLISHER)
    def publish_again(run_id: UUID) -> ResponseReturnValue:
        """What stopped is published after all, as it was when it was asked for."""
        with parts.database.read() as db:
            run = publish_runs.get(db, run_id)
            edition = publications.edition_of(db, run)
            people = foresight.people(db, edition, parts.now(), parts.settings.zone)
        if state_of(run) not in STOPPED:
            return go("publish_run", run_id=run.id)
        if not foresight.confirmed(people, request.form.get("confirm", "")):
            return _page(parts, run_id, t("staff_publish.publish.type_it"))
        try:
            asked = Asked(me().name, me().account_id, people, restores=run.restores)
            run = ask(parts, edition, asked, None)
        except Conflict as e:
            return _page(parts, run_id, words(e))
        return go("publish_run", run_id=run.id)


def _cancelling(pages: Blueprint, parts: Parts) -> None:
    @pages.post("/publishing/runs/<uuid:run_id>/cancel")
    @needs(Role.PUBLISHER)
    def cancel_run(run_id: UUID) -> ResponseReturnValue:
        try:
            with parts.database.begin() as db:
                run = publish_runs.cancel(db, run_id, by=me().name, now=parts.now())
                audit.note(db, me().actor, "publishing.cancelled", "publishing", run.id)
            back = Undo(at("schedule_again", run_id=run.id)) if run.scheduled else None
            say("staff_publish.said.cancelled", back)
        except Conflict as e:
            say("staff_publish.said.not_cancelled", kind="warning", why=words(e))
        return go("publishing")

    @pages.post("/publishing/runs/<uuid:run_id>/schedule")
    @needs(Role.PUBLISHER)
    def schedule_again(run_id: UUID) -> ResponseReturnValue:
        """Undo a cancellation."""
        try:
            with parts.database.begin() as db:
                run, anew = publish_runs.schedule_again(db, run_id, parts.now())
                time = f"{run.due_at.astimezone(parts.settings.zone):%Y-%m-%d %H:%M}"
                if anew:
                    facts = {"people": run.people, "at": time}
                    audit.note(
                        db, me().actor, "publishing.scheduled", "publishing", run.id, after=facts
                    )
            say("staff_publish.said.scheduled", at=time)
        except (Conflict, Invalid) as e:
            say("staff_publish.said.not_scheduled", kind="warning", why=words(e))
        return go("publishing")


def _page(parts: Parts, run_id: UUID, error: str = "") -> ResponseReturnValue:
    """`error`: why it was not asked for once more."""
    now, settings = parts.now(), parts.settings
    with parts.database.read() as db:
        run = publish_runs.get(db, run_id)
        edition, in_force = publications.edition_of(db, run), publications.in_force(db)
        tabs = naming.tabs(in_force.edition if in_force else None, edition)
        number = in_force.publication.number if in_force else 0
        stopped = state_of(run) in STOPPED
        people = foresight.people(db, edition, now, settings.zone) if stopped else 0
        try:
            same = desk.edition(db, settings).fingerprint == run.fingerprint
        except BadMenus:
            same = False
    page = render_template(
        "staff/publishing/run.html", run=run, again=AGAIN, desk_same=same, tabs=tabs,
        state=state_of(run), stopped=stopped, error=error, people=people,
        before=number - 1 if run.publication == number else 0,
        must_be_typed=people > foresight.SURE_ABOVE,
    )  # fmt: skip
    return page, 422 if error else 200


def state_of(run: PublishRun) -> str:
    """A word: waiting, queued, running, again, done, or why it was stopped."""
    if run.state == State.DONE:
        return "done"
    if run.state == State.FAILED:
        return run.stopped.value
    if run.error:
        return "again"
    if run.started_at:
        return "running"
    return "waiting" if run.scheduled else "queued"


def said(run: PublishRun) -> str:
    """What is done just now, for people."""
    state = state_of(run)
    if state == "running" and run.said:
        what, _name, _people = run.said[-1]
        return t("staff_publish.run.after", step=t(f"staff_publish.step.{what}"))
    return t(f"staff_publish.run.{state}")
