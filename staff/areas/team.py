"""Who belongs to the staff, and what they may do: for administrators; and taking an invitation."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, session
from flask.typing import ResponseReturnValue
from wtforms import EmailField, PasswordField, RadioField, StringField
from wtforms.validators import DataRequired, EqualTo

from accounts import invitations, second, sessions, team
from accounts.actors import Actor
from core.errors import Conflict, Invalid
from core.session import Session
from models import Role
from staff.access import me, needs, open_to_all, sure
from staff.parts import Nav, Parts, at, go
from staff.saying import Undo, say
from web.errors import words
from web.forms import Form, blame, tidy, typed
from web.language import current, t

NAV = Nav("staff.nav.team", "team", "person-badge", 80, Role.ADMIN)

CHOICES: Any = [role.value for role in Role]
"""Their words are the template's."""


class InviteForm(Form):
    email = EmailField(
        "staff.email",
        filters=[tidy],
        validators=[DataRequired("staff.email_missing")],
        render_kw={"autocomplete": "off", "maxlength": 254},
    )
    name = StringField(
        "staff.name",
        filters=[tidy],
        validators=[DataRequired("staff.name_missing")],
        render_kw={"autocomplete": "off", "maxlength": 80},
    )
    role = RadioField("staff.role_of", choices=CHOICES, default="viewer")


class RoleForm(Form):
    role = RadioField("staff.role_of", choices=CHOICES)


def new_password() -> PasswordField:
    return PasswordField(
        "staff.password_new",
        validators=[DataRequired("staff.password_missing")],
        render_kw={"autocomplete": "new-password", "maxlength": 256},
    )


def new_password_again() -> PasswordField:
    return PasswordField(
        "staff.password_again",
        validators=[EqualTo("new", "staff.password_differs")],
        render_kw={"autocomplete": "new-password", "maxlength": 256},
    )


class JoinForm(Form):
    new = new_password()
    again = new_password_again()


def install(pages: Blueprint, parts: Parts) -> None:
    _everybody(pages, parts)
    _one(pages, parts)
    _changes(pages, parts)
    _joining(pages, parts)


def _everybody(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/team", endpoint="team")
    @needs(Role.ADMIN)
    def everybody() -> ResponseReturnValue:
        with parts.database.read() as db:
            return render_template("staff/team.html", everybody=team.everybody(db))

    @pages.route("/team/invite", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    @sure()
    def invite() -> ResponseReturnValue:
        form = InviteForm()
        if form.validate_on_submit():
            try:
                with parts.database.begin() as db:
                    account = team.add(
                        db, me().actor, typed(form.email), typed(form.name), Role(form.role.data),
                        language=current(),
                    )  # fmt: skip
                    link = invitations.issue(db, me().actor, account.id, parts.settings)
                return _link_shown(parts, link, account.name, account.id, joining=True)
            except (Invalid, Conflict) as e:
                blame(form.email, e)
        return render_template("staff/invite.html", form=form, roles=Role)


def _link_shown(
    parts: Parts, link: invitations.Link, name: str, account_id: UUID, *, joining: bool
) -> str:  # fmt: skip
    """Now and never again: whoever made it hands it on."""
    url = f"{parts.settings.public_url}{at('join', token=link.token)}"
    return render_template(
        "staff/link.html", url=url, until=link.expires_at, name=name, account_id=account_id,
        joining=joining,
    )  # fmt: skip


def _one(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/team/<uuid:account_id>")
    @needs(Role.ADMIN)
    def colleague(account_id: UUID) -> ResponseReturnValue:
        with parts.database.read() as db:
            account = team.one(db, account_id)
            browsers = len(sessions.of(db, account_id, parts.now()))
        form = RoleForm(role=account.role.value)
        return render_template(
            "staff/colleague.html", account=account, form=form, browsers=browsers, roles=Role
        )

    @pages.post("/team/<uuid:account_id>/role")
    @needs(Role.ADMIN)
    @sure()
    def change_role(account_id: UUID) -> ResponseReturnValue:
        form = RoleForm()
        if form.validate_on_submit():
            role = Role(form.role.data)
            with parts.database.begin() as db:
                was = team.change_role(db, me().actor, account_id, role)
                name = team.one(db, account_id).name
            back = Undo(at("change_role", account_id=account_id), {"role": was.value})
            new = t(f"staff.role.{role.value}")
            say("staff.role_changed", back if was is not role else None, name=name, role=new)
        return go("colleague", account_id=account_id)


def _changes(pages: Blueprint, parts: Parts) -> None:
    """What is one button each."""

    def button(path: str, name: str, act: Callable[[Session, Actor, UUID], object], said: str,
               undo: str = "") -> None:  # fmt: skip
        def view(account_id: UUID) -> ResponseReturnValue:
            with parts.database.begin() as db:
                act(db, me().actor, account_id)
                who = team.one(db, account_id).name
            back = Undo(at(undo, account_id=account_id)) if undo else None
            say(said, back, name=who)
            if account_id == me().account_id and name == "deactivate":
                session.clear()
            return go("colleague", account_id=account_id)

        guarded = needs(Role.ADMIN)(sure()(view))
        rule = f"/team/<uuid:account_id>/{path}"
        pages.add_url_rule(rule, name, guarded, methods=["POST"])

    button("deactivate", "deactivate", team.deactivate, "staff.deactivated", "reactivate")
    button("reactivate", "reactivate", team.reactivate, "staff.reactivated", "deactivate")
    button("second-step/off", "their_second_off", second.turn_off, "staff.their_second_is_off")

    @pages.post("/team/<uuid:account_id>/link")
    @needs(Role.ADMIN)
    @sure()
    def new_link(account_id: UUID) -> ResponseReturnValue:
        """An invitation once more, or a new password for whoever has lost theirs."""
        with parts.database.begin() as db:
            account = team.one(db, account_id)
            link = invitations.issue(db, me().actor, account_id, parts.settings)
        joining = account.joined_at is None
        return _link_shown(parts, link, account.name, account_id, joining=joining)


def _joining(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/join/<token>", methods=["GET", "POST"])
    @open_to_all
    def join(token: str) -> ResponseReturnValue:
        """Opened by whoever was handed the link: they choose a password, and sign in with it."""
        form = JoinForm()
        try:
            with parts.database.read() as db:
                opened = invitations.opened(db, token, parts.now(), parts.settings)
        except Invalid as e:
            return render_template(
                "staff/error.html", title=t("staff.join.dead"), words=words(e)
            ), 410
        if form.validate_on_submit():
            try:
                invitations.take(
                    parts.database, token, typed(form.new), address=request.remote_addr or "",
                    now=parts.now(), settings=parts.settings,
                )  # fmt: skip
                session.clear()
                say("staff.join.done")
                return go("sign_in")
            except Invalid as e:
                blame(form.new, e)
        return render_template("staff/join.html", form=form, opened=opened)
