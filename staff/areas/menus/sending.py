"""Sending pictures to staff's browsers: what we encoded ourselves, under an address of its own."""

from functools import lru_cache

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from models import Role
from richmenus import pictures, taking
from richmenus.images import Picture
from staff.access import needs
from staff.parts import Parts

KEPT = "private, max-age=31536000, immutable"
"""A picture's address is what is in it. Private: others may not see it."""


def install(pages: Blueprint, parts: Parts) -> None:
    @lru_cache(maxsize=64)
    def small(sha256: str) -> bytes:
        with parts.database.read() as db:
            return taking.small(pictures.content(db, sha256).content)

    @pages.get("/menus/pictures/<string(length=64):sha256>")
    @needs(Role.VIEWER)
    def picture(sha256: str) -> ResponseReturnValue:
        with parts.database.read() as db:
            return _sent(pictures.content(db, sha256))

    @pages.get("/menus/pictures/<string(length=64):sha256>/small")
    @needs(Role.VIEWER)
    def small_picture(sha256: str) -> ResponseReturnValue:
        return _sent(Picture(small(sha256), "image/jpeg"))


def _sent(found: Picture) -> Response:
    response = Response(found.content, mimetype=found.content_type)
    response.headers["Cache-Control"] = KEPT
    response.headers["Content-Disposition"] = "inline"
    return response
