"""One's own LINE: tying it to one's account by a word sent from it, and undoing that."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts import own_line
from core.errors import TooMany
from models import Role
from richmenus import trials
from staff.access import came_from, me, needs, safe_next
from staff.parts import Nav, Parts, at, go
from staff.saying import say
from web.errors import words

NAV: Nav | None = None


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.post("/me/line/word")
    @needs(Role.EDITOR)
    def line_word() -> ResponseReturnValue:
        """Shown once: only its digest is kept."""
        asked = request.form.get("next", "")
        try:
            with parts.database.begin() as db:
                word = own_line.offer(db, me().account_id, parts.now(), parts.settings)
        except TooMany as e:
            say("staff_trial.said.no", kind="warning", why=words(e))
            return go("me")
        back = safe_next(asked) if asked else at("me")
        return render_template("staff/trial/word.html", word=word, back=back)

    @pages.post("/me/line/untie")
    @needs(Role.EDITOR)
    def line_untie() -> ResponseReturnValue:
        with parts.database.begin() as db:
            undone = own_line.untie(db, me().actor, me().account_id)
            trials.stop(db, me().account_id, parts.now())
        parts.ring("trials")
        if undone:
            say("staff_trial.said.untied")
        return go("me")

    @pages.post("/me/line/put-back")
    @needs(Role.EDITOR)
    def line_put_back() -> ResponseReturnValue:
        """From wherever one is: back to that page."""
        with parts.database.begin() as db:
            stopped = trials.stop(db, me().account_id, parts.now())
        parts.ring("trials")
        say("staff_trial.said.put_back" if stopped else "staff_trial.said.nothing", kind="info")
        return redirect(came_from(), 303)
