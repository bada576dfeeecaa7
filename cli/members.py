"""The brand's members: import a file of them, look one up, change, hand out, erase."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import orjson

from cli.parts import LANGUAGE, Parts, pass_parts, said_plainly
from core import clock
from core.errors import Invalid
from members import fields, leaving, linking, profile, tickets
from members.importing.file import Options, Report, import_file
from members.importing.rows import Problem
from models import Member
from texts import text


@click.group(help=__doc__)
def command() -> None: ...


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "mapping", multiple=True, metavar='"COLUMN=FIELD"',
              help="What a column holds: a field, extra.NAME, or - to leave it out.")  # fmt: skip
@click.option("--keep-extra", is_flag=True, help="Keep unknown columns with the member.")
@click.option("--empty-clears", is_flag=True, help="An empty cell empties the field.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@pass_parts
def import_(
    parts: Parts, file: Path, mapping: tuple[str, ...],
    *, keep_extra: bool, empty_clears: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Make the members what FILE (CSV, UTF-8 or Shift_JIS) says.

    Members are known by their number. Rows that say nothing new are not written, so the same file
    may be imported as often as one likes; what the file does not speak of stays as it is.
    """
    options = Options(dict(_pairs(mapping)), keep_extra, empty_clears, dry_run)
    bar = click.progressbar(length=file.stat().st_size, label=file.name, file=sys.stderr)
    with said_plainly(), bar:
        report = import_file(
            parts.database, file, options, clock.now(), parts.settings,
            progress=lambda read: bar.update(read - bar.pos),
        )  # fmt: skip
    if report.changed and not dry_run:
        parts.engine.ring("menus")
    _print_report(report, dry_run=dry_run)
    if report.broken:
        raise SystemExit(1)


def _pairs(given: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for pair in given:
        column, equals, field = pair.rpartition("=")
        if not equals:
            raise click.BadParameter(f'"{pair}" is not COLUMN=FIELD')
        yield column.strip(), field.strip()


def _print_report(report: Report, *, dry_run: bool) -> None:
    click.echo(
        f"{'Would be: ' if dry_run else ''}{report.new:,} new, {report.changed:,} changed, "
        f"{report.unchanged:,} unchanged, {report.broken:,} broken"
    )
    if report.left_out:
        click.echo(f"Columns left out: {', '.join(report.left_out)} (--keep-extra keeps them)")
    for problem in report.problems:
        click.echo(_problem(problem), err=True)
    if report.broken > len(report.problems):
        click.echo(f"… and {report.broken - len(report.problems):,} more", err=True)


def _problem(problem: Problem) -> str:
    where = f"line {problem.line}" + (f", {problem.column}" if problem.column else "")
    return f"{where}: {text(problem.why.key, LANGUAGE, **problem.why.values)}"


@command.command()
@click.argument("number")
@click.option("--full", is_flag=True, help="Show name, phone and e-mail unmasked.")
@pass_parts
def show(parts: Parts, number: str, *, full: bool) -> None:
    """Say who NUMBER is, masked, and which friend they are linked to since when."""
    with said_plainly(), parts.database.read() as db:
        member = profile.of_number(db, number)
        rows = _shown(member, full=full)
        rows["tags"] = ", ".join(profile.tags_of(db, member.id))
        tied = linking.of_member(db, member.id)
    rows["linked"] = "no"
    if tied:
        since = tied.started_at.astimezone(parts.settings.zone)
        rows["linked"] = f"since {since:%Y-%m-%d %H:%M} by {tied.how.value}"
    for name, value in rows.items():
        if value not in ("", None):
            click.echo(f"{name:<10} {value}")


def _shown(member: Member, *, full: bool) -> dict[str, Any]:
    plain = ("birthday",) if full else ()
    open_ = ("gender", "rank", "points", "store", "status", "joined_on", "language", *plain)
    who: dict[str, Any] = {**profile.shown(member, full=full)}
    who["number"] = member.number  # whoever asks has typed it
    return who | {name: getattr(member, name) for name in open_} | (member.extra if full else {})


@command.command("set")
@click.argument("number")
@click.argument("changes", nargs=-1, required=True, metavar="FIELD=VALUE…")
@pass_parts
def set_(parts: Parts, number: str, changes: tuple[str, ...]) -> None:
    """Change fields of NUMBER: rank=gold points=120 extra.color=red tag=+vip tag=-new.

    A linked friend's rich menu follows.
    """
    wanted = list(_assignments(changes))
    values = {field: value for field, value in wanted if field != "tag"}
    now = clock.now()
    with said_plainly(), parts.database.begin() as db:
        add, remove = _tags([value for field, value in wanted if field == "tag"])
        changed = profile.change(db, number, values, now, parts.settings)
        member = profile.of_number(db, values.get("number", number))
        if profile.retag(db, member.id, now, add=add, remove=remove):
            changed.append("tags")
    if changed:
        parts.engine.ring("menus")
    click.echo(f"Changed: {', '.join(changed)}" if changed else "Nothing changed.")


def _assignments(given: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for pair in given:
        field, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f'"{pair}" is not FIELD=VALUE')
        yield field.strip(), value


def _tags(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Those to give, which must be what a tag can be, and those to take. Raises Invalid."""
    if any(word[:1] not in ("+", "-") or not fields.plain(word[1:]) for word in words):
        raise click.BadParameter("a tag is given by tag=+NAME and taken by tag=-NAME")
    give = [tag for word in words if word[0] == "+" for tag in fields.tags(word[1:])]
    return give, [word[1:] for word in words if word[0] == "-"]


@command.command()
@click.argument("number")
@pass_parts
def ticket(parts: Parts, number: str) -> None:
    """Print a LIFF URL that offers to link whoever opens it to NUMBER: for a log-in page of your
    own to show to that member. It works once, and not for long."""
    now = clock.now()
    with said_plainly(), parts.database.read() as db:
        member = profile.of_number(db, number)
        if member.status != "active":
            raise Invalid("members.not_active")
    word = tickets.issue(member.id, now, parts.settings)
    click.echo(f"{parts.settings.liff_url}/ticket/{word}")
    until = (now + tickets.LIFE).astimezone(parts.settings.zone)
    click.echo(f"Good until {until:%H:%M:%S}, for one link.", err=True)


@command.command()
@click.argument("number")
@click.option("--output", "-o", type=click.File("wb"), default="-", help="A file instead of here.")
@pass_parts
def export(parts: Parts, number: str, output: Any) -> None:
    """Hand out everything we hold of NUMBER, as JSON."""
    with said_plainly(), parts.database.read() as db:
        told = leaving.export(db, profile.of_number(db, number).id)
    output.write(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


@command.command()
@click.argument("number")
@click.option("--confirm", help="NUMBER once more, instead of being asked for it.")
@pass_parts
def erase(parts: Parts, number: str, confirm: str | None) -> None:
    """Erase NUMBER for good, unlink them, and say what is kept and why."""
    with said_plainly(), parts.database.read() as db:
        member = profile.of_number(db, number)
        who = " ".join(filter(None, (member.number, profile.masked_name(member.name))))
    if confirm is None:
        confirm = click.prompt(f"This erases {who} and cannot be undone. Type the member number")
    if confirm != member.number:
        raise click.ClickException("That is another number. Nothing was erased.")
    with said_plainly(), parts.database.begin() as db:
        erased = leaving.erase(db, member.id, clock.now(), parts.settings, by="terminal")
    for kind in ("outgoing", "menus"):
        parts.engine.ring(kind)
    rows = ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in erased.gone.items())
    click.echo(f"Erased {erased.number}: {rows}.")
    for key in erased.kept:
        click.echo(text(key, LANGUAGE))
