"""People: finding them, and all that is known of one: who they are, what they see and why, what was
said; and what staff may do about it."""

from flask import Blueprint

from models import Role
from staff.areas.people import changing, finding, leaving, reading
from staff.parts import Nav, Parts

NAV = Nav("staff_people.list.nav", "people", "people", 20, Role.VIEWER)


def install(pages: Blueprint, parts: Parts) -> None:
    for each in (finding, reading, changing, leaving):
        each.install(pages, parts)
