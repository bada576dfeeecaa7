"""The rules: who sees which menu, in order; changed one step at a time, each undone by a button."""

from flask import Blueprint

from models import Role
from staff.areas.rules import calendar, editing, listing
from staff.parts import Nav, Parts

NAV = Nav("staff_publish.nav.rules", "rules", "sort-down", 32, Role.VIEWER)


def install(pages: Blueprint, parts: Parts) -> None:
    listing.install(pages, parts)
    editing.install(pages, parts)
    calendar.install(pages, parts)
