"""Who may sign in to the staff site: the first administrator is made here."""

import click

from accounts import actors, signing_in, team
from cli.parts import Parts, pass_parts, said_plainly
from core import clock
from models import Role

ROLES = click.Choice([role.value for role in Role])


@click.group(help=__doc__)
def command() -> None: ...


@command.command()
@click.argument("email")
@click.option("--name", default="", help="As the others see it; otherwise the e-mail's beginning.")
@click.option("--role", type=ROLES, default=Role.ADMIN.value, show_default=True)
@click.option("--language", type=click.Choice(team.LANGUAGES), default=None, help="Of the pages.")
@click.option("--password", envvar="MUSUBI_STAFF_PASSWORD", help="Asked for when it is not given.")
@pass_parts
def add(
    parts: Parts, email: str, *, name: str, role: str, language: str | None, password: str | None
) -> None:
    """Let EMAIL sign in to the staff site with a password."""
    if password is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with said_plainly(), parts.database.begin() as db:
        account = team.add(
            db, actors.terminal(clock.now()), email, name, Role(role),
            language=language or parts.settings.default_language, password=password or "",
        )  # fmt: skip
    click.echo(f"{account.email} may sign in at {parts.settings.public_url}/staff ({role}).")


@command.command("list")
@pass_parts
def list_(parts: Parts) -> None:
    """Say who may sign in, as what, and when they last did."""
    with parts.database.read() as db:
        for each in team.everybody(db):
            state = "deactivated" if each.deactivated_at else "" if each.joined_at else "invited"
            last = each.signed_in_at.astimezone(parts.settings.zone) if each.signed_in_at else None
            seen = f"{last:%Y-%m-%d %H:%M}" if last else "never"
            click.echo(f"{each.email:<32} {each.role.value:<10} {seen:<17} {state}".rstrip())


@command.command()
@click.argument("email")
@pass_parts
def unlock(parts: Parts, email: str) -> None:
    """Let EMAIL try again at once after too many wrong passwords."""
    with said_plainly(), parts.database.begin() as db:
        name = signing_in.unlock(db, actors.terminal(clock.now()), email, parts.settings)
    click.echo(f"{name} may try again.")
