"""Bring the database up to date, then run web and worker together until stopped."""

import sys

import click

from cli import processes
from cli.parts import Parts, pass_parts
from core import migrations


@click.command(help=__doc__)
@pass_parts
def command(parts: Parts) -> None:
    settings = parts.settings
    migrations.upgrade(parts.database)
    parts.database.close()
    click.echo(f"Musubi listens on http://{settings.host}:{settings.port}")
    click.echo(f"Webhook URL for the LINE console: {settings.public_url}/webhook")
    click.echo(f"LIFF endpoint URL:                {settings.public_url}/liff")
    sys.exit(processes.run_together(settings))
