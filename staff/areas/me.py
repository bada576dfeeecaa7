"""One's own account: name, language, password, second step, and where one is signed in."""

from uuid import UUID

import segno
from flask import Blueprint, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from accounts import audit, myself, second, sessions, signing_in
from accounts.team import LANGUAGES
from core.errors import Invalid, NotFound, TooMany
from models import Role
from staff import access
from staff.access import me as myself_signed
from staff.access import needs, sure
from staff.areas.menus import trying
from staff.areas.sign_in import CodeForm
from staff.areas.team import new_password, new_password_again
from staff.parts import Nav, Parts, at, go
from staff.saying import Undo, say
from web.forms import Form, blame, tidy, typed

NAV: Nav | None = None


class NameForm(Form):
    name = StringField(
        "staff.name",
        filters=[tidy],
        validators=[DataRequired("staff.name_missing")],
        render_kw={"autocomplete": "name", "maxlength": 80},
    )


class PasswordForm(Form):
    current = PasswordField(
        "staff.password_current",
        validators=[DataRequired("staff.password_missing")],
        render_kw={"autocomplete": "current-password", "maxlength": 256},
    )
    new = new_password()
    again = new_password_again()


def install(pages: Blueprint, parts: Parts) -> None:
    _about(pages, parts)
    _passwords(pages, parts)
    _second_step(pages, parts)
    _browsers(pages, parts)


def _about(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/me", methods=["GET", "POST"])
    @needs(Role.VIEWER)
    def me() -> ResponseReturnValue:
        signed = myself_signed()
        form = NameForm(name=signed.name)
        if form.validate_on_submit():
            try:
                with parts.database.begin() as db:
                    myself.rename(db, signed.actor, signed.account_id, typed(form.name))
                back = {"name": signed.name}
                say("staff.renamed", Undo(at("me"), back), name=typed(form.name))
                return go("me")
            except Invalid as e:
                blame(form.name, e)
        with parts.database.read() as db:
            here = sessions.of(db, signed.account_id, parts.now())
            left = second.codes_left(db, signed.account_id) if signed.has_second else 0
            own = trying.own(db, parts)
        return render_template("staff/me.html", form=form, sessions=here, codes_left=left, own=own)

    @pages.post("/language")
    @needs(Role.VIEWER)
    def speak() -> ResponseReturnValue:
        """From the switch on every page: back to where one was."""
        wished = request.form.get("language", "")
        if wished in LANGUAGES:
            with parts.database.begin() as db:
                myself.speak(db, myself_signed().account_id, wished)
            session[access.LANGUAGE] = wished
        return redirect(access.came_from(), 303)


def _passwords(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/me/password", methods=["GET", "POST"])
    @needs(Role.VIEWER)
    def password() -> ResponseReturnValue:
        form = PasswordForm()
        if form.validate_on_submit():
            try:
                return _change(parts, form)
            except TooMany as e:
                blame(form.current, e)
            except Invalid as e:
                wrong = e.key == "staff.sign_in_wrong"
                told = Invalid("staff.password_wrong") if wrong else e
                blame(form.current if wrong else form.new, told)
        return render_template("staff/password.html", form=form)


def _change(parts: Parts, form: PasswordForm) -> ResponseReturnValue:
    signed = myself_signed()
    signing_in.by_password(
        parts.database, signed.email, typed(form.current),
        address=signed.actor.address, now=parts.now(), settings=parts.settings,
        kind=signing_in.SURE,
    )  # fmt: skip
    with parts.database.begin() as db:
        others = myself.change_password(
            db, signed.actor, signed.account_id, typed(form.new), keep=signed.session_id
        )
    say("staff.password_changed", others=others)
    return go("me")


def _second_step(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/me/second-step", methods=["GET", "POST"])
    @needs(Role.VIEWER)
    @sure()
    def second_step() -> ResponseReturnValue:
        """Show a telephone the secret, and have it prove that it knows it."""
        signed = myself_signed()
        if signed.has_second:
            return go("me")
        form = CodeForm()
        with parts.database.begin() as db:
            offer = second.offer(db, signed.account_id, parts.settings)
        if form.validate_on_submit():
            try:
                with parts.database.begin() as db:
                    codes = second.confirm(
                        db, signed.actor, signed.account_id, typed(form.code), parts.settings
                    )
                return render_template("staff/codes.html", codes=codes)
            except Invalid as e:
                blame(form.code, e)
        picture = segno.make(offer.uri, error="m").svg_data_uri(scale=4, border=2)
        return render_template("staff/second.html", form=form, offer=offer, picture=picture)

    @pages.post("/me/second-step/codes")
    @needs(Role.VIEWER)
    @sure()
    def fresh_codes() -> ResponseReturnValue:
        signed = myself_signed()
        with parts.database.begin() as db:
            codes = second.renew_codes(db, signed.actor, signed.account_id, parts.settings)
        return render_template("staff/codes.html", codes=codes)

    @pages.post("/me/second-step/off")
    @needs(Role.VIEWER)
    @sure()
    def second_off() -> ResponseReturnValue:
        signed = myself_signed()
        with parts.database.begin() as db:
            second.turn_off(db, signed.actor, signed.account_id)
        say("staff.second_is_off", kind="warning")
        return go("me")


def _browsers(pages: Blueprint, parts: Parts) -> None:
    @pages.post("/me/sessions/<uuid:session_id>/end")
    @needs(Role.VIEWER)
    def end_session(session_id: UUID) -> ResponseReturnValue:
        signed = myself_signed()
        with parts.database.begin() as db:
            if not sessions.end(db, signed.account_id, session_id):
                raise NotFound("staff.no_such_session")
            audit.note(db, signed.actor, "session.ended", "account", signed.account_id, signed.name)
        say("staff.session_ended")
        return go("me")

    @pages.post("/me/sessions/end")
    @needs(Role.VIEWER)
    def end_sessions() -> ResponseReturnValue:
        """Everywhere, and here too."""
        signed = myself_signed()
        with parts.database.begin() as db:
            sessions.end_all(db, signed.account_id)
            audit.note(
                db, signed.actor, "session.ended_all", "account", signed.account_id, signed.name
            )
        session.clear()
        say("staff.signed_out_everywhere", kind="info")
        return go("sign_in")
