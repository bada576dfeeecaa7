"""The rich-menu studio: what menus there are, and making them."""

from flask import Blueprint

from models import Role
from staff.areas.menus import composing, editing, listing, looking, sending, trying
from staff.parts import Nav, Parts

__all__ = ["NAV", "composing", "editing", "install", "listing", "looking", "sending", "trying"]

NAV = Nav("staff_menus.nav", "menus", "grid-3x2-gap", 30, Role.VIEWER)


def install(pages: Blueprint, parts: Parts) -> None:
    for each in (listing, editing, composing, looking, sending, trying):
        each.install(pages, parts)
