"""The database's shape."""

import click

from cli.parts import Parts, pass_parts
from core import migrations


@click.group(help=__doc__)
def command() -> None: ...


@command.command()
@pass_parts
def upgrade(parts: Parts) -> None:
    """Bring the database to the newest shape. Running it again changes nothing."""
    before = migrations.present(parts.database)
    migrations.upgrade(parts.database)
    after = migrations.present(parts.database)
    click.echo(f"The database is at {after}." + ("" if before != after else " It was already."))


@command.command()
@pass_parts
def status(parts: Parts) -> None:
    """Say which shape the database has, and which it should have."""
    click.echo(f"has {migrations.present(parts.database) or 'nothing'}")
    click.echo(f"should have {migrations.wanted()}")
