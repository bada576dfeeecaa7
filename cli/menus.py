"""Rich menus: check the folder, see what publishing would do, publish, roll back, explain."""

import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from cli.parts import Parts, pass_parts
from core import clock
from core.errors import MusubiError
from core.settings import LANGUAGES
from line.gateway import LineError
from richmenus import (
    definitions,
    desk,
    drafts,
    explaining,
    exporting,
    overview,
    publications,
    publishing,
)
from richmenus.editions import Edition
from richmenus.explaining import Explanation, RuleAnswer
from richmenus.planning import Do, Plan, Step
from richmenus.problems import BadMenus
from texts import text

LANGUAGE = "en"
"""Of the terminal, unless asked otherwise."""


def _words(key: str, **values: object) -> str:
    language = click.get_current_context().find_root().meta.get("menus.language", LANGUAGE)
    return text(f"menus.{key}", language, **values)


def _say(key: str, *, indent: int = 0, **values: object) -> None:
    click.echo("  " * indent + _words(key, **values))


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except MusubiError as e:
        key = e.key.removeprefix("menus.")
        raise click.ClickException(_words(key, **e.values)) from e
    except BadMenus as e:
        lines = "\n".join(f"  {problem}" for problem in e.problems)
        raise click.ClickException(f"{_words('bad', number=len(e.problems))}\n{lines}") from e
    except LineError as e:
        raise click.ClickException(_words("line_failed", error=e)) from e


@click.group(help=__doc__)
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGE, show_default=True)
@click.pass_context
def command(context: click.Context, language: str) -> None:
    context.find_root().meta["menus.language"] = language


@command.command()
@pass_parts
def check(parts: Parts) -> None:
    """Read the folder of menus and its rules, and name everything that is wrong with it."""
    with _said_plainly():
        edition = definitions.read(parts.settings)
    keys = list(dict.fromkeys(page.key for page in edition.pages))
    _say("fine", menus=len(keys), pictures=len(edition.pages), rules=len(edition.rules))
    used = {rule["menu"] for rule in edition.rules}
    for key in keys:
        if key not in used:
            _say("unused", indent=1, menu=key)


@command.command()
@pass_parts
def plan(parts: Parts) -> None:
    """Show what `apply` would do, and what somebody has changed at LINE. Changes nothing."""
    with _said_plainly():
        edition = definitions.read(parts.settings)
        _show(publishing.plan(parts.database, parts.line, edition))
        found = publishing.changes(parts.database, edition, clock.now(), parts.settings.zone)
    if found:
        _say("changes_heading")
    for (old, new), people in sorted(found.items()):
        _say("change", indent=1, old=old, new=new, people=people)


def _show(found: Plan) -> None:
    if found.drift:
        _say("drift_heading")
    for each in found.drift:
        _say(f"drift.{each.what}", indent=1, name=each.name, found=each.found or "-")
    _say("steps_heading" if found.steps else "no_steps")
    for step in found.steps:
        _say_step(step)


def _say_step(step: Step) -> None:
    key: str = step.do
    if step.people:
        key = {Do.DELETE: "delete_later", Do.PUBLISH: "publish_and_move"}.get(step.do, key)
    _say(f"step.{key}", indent=1, name=step.name, people=step.people)


@command.command()
@pass_parts
def apply(parts: Parts) -> None:
    """Publish the folder: do what `plan` shows. Doing it again changes nothing.

    The folder's menus and rules are laid on the staff site's desk too."""
    with _said_plainly():
        edition = definitions.read(parts.settings)
        drafts.see_to(parts.database, parts.settings, clock.now())
        _apply(parts, edition)
        with parts.database.begin() as db:
            drafts.lay(db, edition, by=_who(), now=clock.now(), settings=parts.settings)


def _apply(parts: Parts, edition: Edition, **how: Any) -> None:
    done: list[Step] = []

    def said(step: Step) -> None:
        done.append(step)
        _say_step(step)

    left = publishing.apply(
        parts.database, parts.line, edition, clock.now,
        by=_who(), watch=publishing.Watch(said=said), wait=time.sleep, **how,
    )  # fmt: skip
    parts.engine.ring("menus")
    for step in left.steps:
        _say_step(step)
    if not done and not left.steps:
        _say("no_steps")
    with parts.database.read() as db:
        now = publications.in_force(db)
    _say("in_force", number=now.publication.number if now else 0)


def _who() -> str:
    try:
        return getpass.getuser()[:64]
    except (KeyError, OSError):  # a container's user without a name
        return ""


@command.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--published", is_flag=True, help="What is in force, and not what lies on the desk.")
@pass_parts
def export(parts: Parts, folder: Path, *, published: bool) -> None:
    """Write menus, pictures and rules into FOLDER, as `check` and `apply` read them."""
    drafts.see_to(parts.database, parts.settings, clock.now())
    with _said_plainly(), parts.database.read() as db:
        if published:
            sources, rules = desk.published(db, parts.settings)
        else:
            found = desk.read(db, parts.settings)
            sources, rules = found.sources, found.rules.rules
        written = exporting.write(db, sources, rules, folder)
    _say("exported", files=len(written), folder=folder)


@command.command()
@click.option("--to", type=int, help="A publication's number. Without it: the one before.")
@click.option("--dry-run", is_flag=True, help="Only show what it would do.")
@pass_parts
def rollback(parts: Parts, to: int | None, *, dry_run: bool) -> None:
    """Put the menus and rules in force that were before. The folder stays as it is."""
    with _said_plainly():
        edition, number = publishing.rollback(parts.database, to=to)
        _say("rolling_back", number=number)
        if dry_run:
            _show(publishing.plan(parts.database, parts.line, edition))
        else:
            _apply(parts, edition, restores=number)


@command.command()
@click.option("--line/--no-line", "ask_line", default=True, help="Also compare with LINE.")
@pass_parts
def status(parts: Parts, *, ask_line: bool) -> None:
    """Say what is in force, how many see it, and how LINE differs from it."""
    with parts.database.read() as db:
        found = overview.status(db)
        now = publications.in_force(db)
    if found is None or now is None:
        _say("nothing_published")
        return
    when = f"{found.published_at.astimezone(parts.settings.zone):%Y-%m-%d %H:%M}"
    _say("in_force_since", number=found.number, when=when, by=found.published_by or "-")
    if found.restores:
        _say("restores", indent=1, number=found.restores)
    for tab in found.tabs:
        default = f"  ({_words('is_default')})" if tab.key == found.default else ""
        place = f"{tab.key}/{tab.tab}"
        wanted = found.wanted.get(tab.key, 0)
        _say(
            "tab",
            indent=1,
            place=f"{place:<20}",
            wanted=wanted,
            shown=tab.shown,
            menu=tab.menu or "-",
            default=default,
        )
    _say("owed", due=found.due + found.unlooked, moving=found.moving, failed=found.failed)
    if ask_line:
        with _said_plainly():
            _show(publishing.plan(parts.database, parts.line, now.edition))


@command.command()
@click.argument("person")
@click.option("--line/--no-line", "ask_line", default=True, help="Also ask LINE what it shows.")
@pass_parts
def explain(parts: Parts, person: str, *, ask_line: bool) -> None:
    """Say why PERSON (a member number, our friend id, or LINE's user id) sees their menu."""
    language = click.get_current_context().find_root().meta["menus.language"]
    with _said_plainly(), parts.database.read() as db:
        friend_id = explaining.find(db, person)
        found = explaining.why(db, friend_id, clock.now(), parts.settings.zone, language)
    for answer in found.answers:
        _say_rule(answer)
    _say("sees", menu=found.decided.menu, because=found.decided.because)
    _say_shown(parts, found, ask_line=ask_line)


def _say_rule(answer: RuleAnswer) -> None:
    key = "decides" if answer.decides else "fits" if answer.fits else "fits_not"
    verdict = _words(f"rule.{key}" if answer.in_force else "rule.not_now")
    _say(
        "rule.heading",
        number=answer.number,
        menu=answer.menu,
        because=answer.because,
        verdict=verdict,
    )
    for line in answer.lines:
        click.echo("  " * (line.depth + 2) + ("✓ " if line.holds else "✗ ") + line.words)


def _say_shown(parts: Parts, found: Explanation, *, ask_line: bool) -> None:
    if not found.reachable:
        _say("not_following")
    shown = {None: _words("shown_unknown"), "": _words("shown_default")}
    _say("remembered", shown=shown.get(found.shown, found.shown))
    if found.state != "done":
        _say("state.none" if found.state is None else f"state.{found.state}", error=found.error)
    if ask_line:
        with _said_plainly():
            menu = parts.line.menu_of(found.line_user_id)
        with parts.database.read() as db:
            place = explaining.place(db, menu) if menu else _words("shown_default")
        _say("at_line", shown=place)
