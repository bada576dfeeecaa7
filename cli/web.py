"""Run the web process (gunicorn) alone."""

import click

from cli import processes
from cli.parts import Parts, pass_parts


@click.command(help=__doc__)
@pass_parts
def command(parts: Parts) -> None:
    processes.become(processes.WEB, parts.settings)
