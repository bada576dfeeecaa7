"""Who did something, in words: staff by name, and whoever runs the system at a terminal as such."""

from flask import g

from accounts import actors, team
from models import StaffAudit
from staff.parts import Parts
from web.language import t

NOBODYS = frozenset({"", "root", actors.TERMINAL[0]})
"""Users of an operating system who may be anybody."""
KEPT = 64
"""Letters of a name that a publication has room for."""


def whose(parts: Parts, name: str) -> str:
    """What keeps only a name: one that no staff ever had is the operating system's user, who was
    at a terminal."""
    if "staff_names" not in g:
        with parts.database.read() as db:
            ever = team.names_ever(db)
        g.staff_names = ever | {each[:KEPT] for each in ever}
    return name if name in g.staff_names else _at_terminal(name)


def _at_terminal(name: str) -> str:
    if name in NOBODYS:
        return t("staff.log.terminal")
    return t("staff.log.terminal_named", name=name)


def of_line(line: StaffAudit) -> str:
    """Of a line of the log."""
    if line.account_id is None and is_terminal(line):
        return t("staff.log.terminal")
    return line.who or t("staff.log.stranger")


def is_terminal(line: StaffAudit) -> bool:
    return (line.who, line.address) == actors.TERMINAL
