"""`musubi`: what is done at a terminal. Every command is a thin word over a feature."""

import importlib
import pkgutil
from typing import Any

import click

import cli as _here
from core import session


class _Commands(click.Group):
    """Each file of this folder that has a `command` is a command of that name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = [module.name for module in pkgutil.iter_modules(_here.__path__)]
        return [name for name in names if self.get_command(ctx, name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in {module.name for module in pkgutil.iter_modules(_here.__path__)}:
            return None
        found = getattr(importlib.import_module(f"cli.{cmd_name}"), "command", None)
        return found if isinstance(found, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except session.DOWN as e:
            why = str(getattr(e, "orig", None) or e).strip()
            raise click.ClickException(f"The database cannot be used just now: {why}") from e


@click.command(cls=_Commands)
@click.version_option(package_name="musubi")
def main() -> None:
    """Musubi: a LINE Official Account that knows its members."""
