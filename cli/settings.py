"""List every setting: its name, its default and what it is for."""

import click

from core import settings as core_settings


@click.command(help=__doc__)
@click.option("--markdown", is_flag=True, help="As the table of docs/settings.md.")
def command(*, markdown: bool) -> None:
    for name, (default, about) in core_settings.described().items():
        if markdown:
            shown = f"`{default}`" if default else ""
            click.echo(f"| `{name}` | {shown} | {about} |")
        else:
            click.echo(f"{name}={default}\n    {about}")
