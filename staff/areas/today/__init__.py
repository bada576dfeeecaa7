"""Today: how the account stands, and putting right what went wrong."""

from flask import Blueprint

from models import Role
from staff.areas.today import mending, standing
from staff.parts import Nav, Parts

NAV = Nav("staff_people.today.nav", "today", "graph-up", 10, Role.VIEWER)


def install(pages: Blueprint, parts: Parts) -> None:
    standing.install(pages, parts)
    mending.install(pages, parts)
