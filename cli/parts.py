"""What a command is given: settings and what they lead to, opened when first asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import click

from core import logs
from core.database import Database, connect
from core.engine import Engine
from core.errors import MusubiError
from core.limits import shared_limits
from core.settings import BadSettings, Settings
from line.gateway import Line, Login
from texts import text

LANGUAGE = "en"
"""Of the terminal."""


class Parts:
    """A `Settings` given beforehand (by tests) is used as it is."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._given = settings

    @cached_property
    def settings(self) -> Settings:
        if self._given:
            return self._given
        try:
            settings = Settings.load()
        except BadSettings as e:
            raise click.ClickException(
                f"Some settings are missing or wrong (environment, or .env):\n\n{e}\n\n"
                "docs/settings.md lists them all."
            ) from e
        logs.configure("text", "WARNING")
        return settings

    @cached_property
    def database(self) -> Database:
        return connect(self.settings.database_url)

    @cached_property
    def line(self) -> Line:
        # Reading LINE's SDK takes longer than most commands do: who does not talk to LINE goes on.
        from line.sdk import SdkLine  # noqa: PLC0415

        return SdkLine(self.settings, shared_limits(self.settings))

    @cached_property
    def login(self) -> Login:
        from line.login import SdkLogin  # noqa: PLC0415

        return SdkLogin(self.settings)

    @cached_property
    def engine(self) -> Engine:
        """For ringing: after a command has changed something, the worker looks at once."""
        return Engine(self.settings)


pass_parts = click.make_pass_decorator(Parts, ensure=True)


@contextmanager
def said_plainly() -> Iterator[None]:
    """What a feature refuses, told at the terminal without a traceback."""
    try:
        yield
    except MusubiError as e:
        raise click.ClickException(text(e.key, LANGUAGE, **e.values)) from e
