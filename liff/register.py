"""The register door: whoever is no member yet becomes one, and is linked at once."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, EmailField, Field, StringField
from wtforms.validators import DataRequired, ValidationError

from core.errors import Invalid, TooMany
from liff import tying, visit
from liff.site import Page, Site, go
from liff.visit import Proven
from members import linking, registration
from members.friendship import speaks
from members.phone import masked
from members.registration import Registration
from members.registration import register as register_member
from models import How
from web.dates import DayField
from web.forms import Form, blame, tidy, typed
from web.language import current, t

AT = {
    "members.name_missing": "name",
    "members.email_invalid": "email",
    "members.birthday_invalid": "birthday",
    "members.consent_missing": "consent",
}
"""The field that a refusal is about; any other stands at the first."""


class RegisterForm(Form):
    name = StringField(
        "liff.register.name",
        filters=[tidy],
        validators=[DataRequired("liff.register.name_missing")],
        render_kw={"autocomplete": "name", "maxlength": 100},
    )
    kana = StringField(
        "liff.register.kana",
        filters=[tidy],
        validators=[DataRequired("liff.register.kana_missing")],
        render_kw={"autocomplete": "off", "maxlength": 100},
    )
    birthday = DayField("liff.birthday.label")
    email = EmailField(
        "liff.register.email",
        filters=[tidy],
        validators=[DataRequired("liff.register.email_missing")],
        render_kw={
            "autocomplete": "email",
            "inputmode": "email",
            "autocapitalize": "none",
            "maxlength": 254,
        },
    )
    consent = BooleanField(
        "liff.register.consent", validators=[DataRequired("liff.register.consent_missing")]
    )

    def validate_birthday(self, field: DayField) -> None:
        if field.data is None:
            raise ValidationError(
                "liff.birthday.wrong" if field.raw_data else "liff.birthday.missing"
            )


def register(site: Site, friend_id: UUID) -> ResponseReturnValue:
    if not site.settings.register_open:
        return render_template(
            "liff/closed.html", title=t("liff.closed.title"), words=t("liff.closed.words")
        )
    proven = visit.kept(Proven, site.clock())
    if proven is None and site.by_phone:
        return go("phone")
    phone = proven.phone if proven else None
    form = _form()
    if form.validate_on_submit():
        try:
            registration.note_try(site.database, friend_id, site.clock(), site.settings)
            return _register(site, friend_id, form, phone)
        except (Invalid, TooMany) as e:
            if _is_linked(site, friend_id):  # the form was sent twice, and the other was first
                return go("done")
            blame(_field(form, e.key), e)
    shown = masked(phone) if phone else ""
    return render_template("liff/register.html", form=form, phone=shown, settings=site.settings)


def _is_linked(site: Site, friend_id: UUID) -> bool:
    with site.database.read() as db:
        return linking.active(db, friend_id) is not None


def _form() -> RegisterForm:
    form = RegisterForm()
    if current() != "ja":
        del form.kana
    return form


def _field(form: RegisterForm, key: str) -> Field:
    found: Field = form[AT.get(key, "name")]
    return found


def _register(
    site: Site, friend_id: UUID, form: RegisterForm, phone: str | None
) -> ResponseReturnValue:
    """The member and the link are one: neither is without the other."""
    now = site.clock()
    wanted = Registration(
        name=typed(form.name),
        kana=typed(form.kana) if form.kana else "",
        birthday=form.birthday.data,
        email=typed(form.email),
        phone=phone,
        consented=form.consent.data,
        language=current(),
    )
    with site.database.begin() as db:
        member = register_member(db, wanted, now, site.settings)
        speaks(db, friend_id, current())
        linking.link(db, friend_id, member.id, How.REGISTER, now, settings=site.settings)
        tying.note_linked(site, db, friend_id, How.REGISTER, by_phone=phone is not None)
    return tying.linked(site)


PAGES = (Page("/register", "register", register, posts=True),)
