"""Forms whose labels and errors are text keys, told in the person's language.

A validator's message is a key; `validate` turns the keys into words, and `blame` lets a feature's
refusal stand at the field it is about.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field

from core.errors import MusubiError
from texts import LANGUAGES
from web.errors import words
from web.language import t


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """A form of ours. Use fields that leave the text as typed, so that every error is ours."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """Text from a form alone: Flask-WTF would take JSON too, of any type and shape."""
            return None if request.is_json else super().wrap_formdata(form, formdata)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        good = bool(super().validate(extra_validators))
        for field in self:
            field.errors = tuple(_said(str(key)) for key in field.errors)
        return good


def _said(key: str) -> str:
    """WTForms objects by itself, in English, to what is no choice of a list."""
    return t(key if key in LANGUAGES["ja"] else "web.form.choose")


def blame(field: Field, error: MusubiError) -> None:
    """Say at this field why it was not taken."""
    field.errors = (*field.errors, words(error))


def typed(field: Field) -> str:
    """What stands in a text field; empty when nothing does."""
    return str(field.data or "")


def whole(said: str) -> int | None:
    """The number that somebody sent; None when it is none, or more than a database holds."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


def tidy(words_: str | None) -> str:
    """As typed, without outer blanks and NULs, and full-width letters and digits made plain."""
    return unicodedata.normalize("NFKC", words_ or "").replace("\0", "").strip()
