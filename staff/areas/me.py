"""One's own account: name, language, and what keeps it safe."""

from flask import Blueprint, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from accounts import team
from accounts.team import LANGUAGES
from models import Role
from staff import access
from staff.access import needs
from staff.parts import Parts

NAV = None


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/me")
    @needs(Role.VIEWER)
    def me() -> ResponseReturnValue:
        return render_template("staff/me.html")

    @pages.post("/language")
    @needs(Role.VIEWER)
    def speak() -> ResponseReturnValue:
        """One's own language, from the switch on every page: back to where one was."""
        wished = request.form.get("language", "")
        if wished in LANGUAGES:
            with parts.database.begin() as db:
                team.speak(db, access.me().account_id, wished)
            session[access.LANGUAGE] = wished
        return redirect(access.came_from(), 303)
