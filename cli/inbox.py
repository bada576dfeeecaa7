"""Events from LINE: look at them, and replay what failed."""

import json
from collections.abc import Sequence
from datetime import datetime

import click

from cli.parts import Parts, pass_parts
from core import review
from core.clock import now
from core.owed import State
from models import InboxEvent

STATES = click.Choice([state.value for state in State])
COLUMNS = "{:<26}  {:<19}  {:<7}  {:>5}  {:<14}  {}"


@click.group(help=__doc__)
def command() -> None: ...


@command.command("list")
@click.option("--state", type=STATES, help="Only these. Without it: all.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True,
              help="How many, the newest first.")  # fmt: skip
@pass_parts
def list_(parts: Parts, state: str | None, limit: int) -> None:
    """List events, the newest first, and count them by state."""
    where = [InboxEvent.state == State(state)] if state else []
    with parts.database.read() as db:
        rows = review.find(db, InboxEvent, *where, newest=InboxEvent.received_at, limit=limit)
        counted = review.count(db, InboxEvent)
    if rows:
        click.echo(COLUMNS.format("event", "received", "state", "tries", "type", "reason"))
    for row in rows:
        click.echo(_line(parts, row).rstrip())
    click.echo(", ".join(f"{counted.get(each, 0)} {each.value}" for each in State))


def _line(parts: Parts, row: InboxEvent) -> str:
    received = _local(parts, row.received_at)
    reason = row.error.partition("\n")[0][:80]
    return COLUMNS.format(
        row.webhook_event_id, received, row.state.value, row.attempts, row.kind, reason
    )


def _local(parts: Parts, when: datetime | None) -> str:
    return f"{when.astimezone(parts.settings.zone):%Y-%m-%d %H:%M:%S}" if when else "-"


@command.command()
@click.argument("event_id")
@pass_parts
def show(parts: Parts, event_id: str) -> None:
    """Show one event: what became of it, and what LINE sent (a person's own words included)."""
    with parts.database.read() as db:
        rows = review.find(db, InboxEvent, InboxEvent.webhook_event_id == event_id)
    if not rows:
        raise click.ClickException(f"There is no event {event_id}. musubi inbox list shows some.")
    row = rows[0]
    for name, value in (
        ("event", row.webhook_event_id),
        ("type", row.kind),
        ("occurred", _local(parts, row.occurred_at)),
        ("received", _local(parts, row.received_at)),
        ("state", row.state.value),
        ("tries", row.attempts),
        ("due" if row.state is State.DUE else "settled", _local(parts, row.done_at or row.due_at)),
        ("reason", row.error or "-"),
    ):
        click.echo(f"{name:<10}{value}")
    sent = json.dumps(json.loads(row.raw), indent=2, ensure_ascii=False)
    click.echo(sent.encode("utf-8", "backslashreplace").decode())  # half a character as its escape


@command.command()
@click.argument("event_ids", nargs=-1)
@click.option("--failed", is_flag=True, help="All that failed.")
@pass_parts
def replay(parts: Parts, event_ids: Sequence[str], failed: bool) -> None:
    """Deal with events once more, as if they had never been tried. What was answered before is not
    answered again."""
    if bool(event_ids) == failed:
        raise click.UsageError("Name the events, or say --failed.")
    which = (
        InboxEvent.state == State.FAILED if failed else InboxEvent.webhook_event_id.in_(event_ids)
    )
    with parts.database.begin() as db:
        count = review.replay(db, InboxEvent, now(), which)
    click.echo(f"{count} of them will be dealt with." if count else "There were none to replay.")
    parts.engine.ring("inbox")
