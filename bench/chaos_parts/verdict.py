"""What reached people, held against what had to: LINE's ledger here, the database there.

What LINE took is known from its ledger alone. What it was for, is told by the reply token (LINE's
own events know whose it was) or by the retry key (the id of the row that was owed).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from bench.chaos_parts.people import Household
from bench.deployment import COUPON, Deployment
from core.database import Database
from core.owed import State
from core.settings import Settings
from deliveries import rules
from models import Friend, InboxEvent, Link, Member, Outgoing
from richmenus import definitions

ANSWERED = ("message", "postback", "follow")
SENDS = ("/v2/bot/message/reply", "/v2/bot/message/push")
HONEST = {
    rules.MAYBE_SAID: "unknown",
    rules.TOO_LATE: "too late",
    rules.BLOCKED: "blocked",
    "the reply token is dead": "too late",
}
"""What a message may be settled as instead of said, by how its reason begins."""


@dataclass
class Kind:
    """One line of the table."""

    owed: int = 0
    said: int = 0
    doubled: int = 0
    lost: int = 0
    settled: Counter[str] = field(default_factory=Counter)
    """Not surely said, by the reason that staff can read."""


@dataclass
class Verdict:
    lines: dict[str, Kind] = field(default_factory=lambda: defaultdict(Kind))
    wrong: list[str] = field(default_factory=list)
    """Each violation, in a sentence."""
    events: int = 0
    events_lost: int = 0
    menus: int = 0
    menus_wrong: int = 0
    links: int = 0
    links_wrong: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    """By what the links were made."""
    unsure: int = 0
    coupons_in_chats: int = 0
    members_ever_linked: int = 0

    users: dict[UUID, str] = field(default_factory=dict)
    """LINE's user ids, by ours."""

    def blame(self, sentence: str) -> None:
        self.wrong.append(sentence)


def reach(running: Deployment, database: Database, households: Sequence[Household]) -> Verdict:
    found = Verdict()
    webhooks = running.line.control("GET", "/control/webhooks")
    _events(found, webhooks, database)
    _messages(found, running, webhooks["events"], database, households)
    _links(found, database, households)
    _menus(found, running, households)
    return found


# Events


def _taken(webhooks: dict[str, Any]) -> set[str]:
    """Events that we have answered 200 for, at least once."""
    ok = [each["event_ids"] for each in webhooks["attempts"] if each["reason"] == "OK"]
    return {event for ids in ok for event in ids}


def unanswered(webhooks: dict[str, Any]) -> set[str]:
    return set(webhooks["events"]) - _taken(webhooks)


def _events(found: Verdict, webhooks: dict[str, Any], database: Database) -> None:
    taken = _taken(webhooks)
    with database.read() as db:
        rows = db.execute(select(InboxEvent.webhook_event_id, InboxEvent.state)).all()
    settled = {event for event, state in rows if state is State.DONE}
    found.events = len(taken)
    lost = taken - settled
    found.events_lost = len(lost)
    for event in lost:
        found.blame(f"event {event} was answered 200 and not dealt with")


# Messages


def _messages(
    found: Verdict, running: Deployment, events: dict[str, Any], database: Database,
    households: Sequence[Household],
) -> None:  # fmt: skip
    with database.read() as db:
        rows = {row.key: row for row in db.scalars(select(Outgoing))}
        found.users = dict(db.execute(select(Friend.id, Friend.line_user_id)).all())
        notes = dict(db.execute(select(InboxEvent.webhook_event_id, InboxEvent.error)).all())
        ties = db.execute(
            select(Link.id, Friend.line_user_id).join(Friend, Friend.id == Link.friend_id)
        ).all()
    loyal = {each.user for house in households for each in house.people if each.loyal}
    took = _took(running, events, rows)
    for purpose, times in took.items():
        if times > 1:
            found.lines[_kind(purpose)].doubled += times - 1
            found.blame(f"{purpose} was said {times} times")
    due = set(rows)
    due |= {f"reply:{each}" for each in _to_answer(events, notes, loyal)}
    due |= {f"thanks:{link}" for link, user in ties if user in loyal}
    for purpose in due:
        _settle(found, purpose, rows.get(purpose), took[purpose])
    for purpose in took.keys() - due:
        found.blame(f"{purpose} was said, and nothing says why")
    _told_too_much(found, running, rows, events)
    _coupons(found, running, households, database)


def _took(running: Deployment, events: dict[str, Any], rows: dict[str, Outgoing]) -> "Counter[str]":
    """How often LINE took what, by its purpose."""
    by_token = {each["replyToken"]: key for key, each in events.items() if "replyToken" in each}
    by_id = {row.id: row.key for row in rows.values()}
    took: Counter[str] = Counter()
    for asked in _accepted(running):
        if "replyToken" in asked["json"]:
            took[f"reply:{by_token[asked['json']['replyToken']]}"] += 1
        else:
            key = UUID(asked["headers"]["X-Line-Retry-Key"])
            took[by_id.get(key, f"nobody knows what: {key}")] += 1
    return took


def _accepted(running: Deployment) -> Iterator[dict[str, Any]]:
    """Replies and pushes that LINE took, whether we heard of it or not."""
    for asked in running.line.requests():
        if asked["path"] in SENDS and asked["status"] == 200:
            yield asked


def _to_answer(events: dict[str, Any], notes: dict[str, str], loyal: set[str]) -> Iterator[str]:
    """Events of people who never block, each of which must have an answer."""
    for key, event in events.items():
        answered = event["type"] in ANSWERED and not notes.get(key)
        if answered and event["source"]["userId"] in loyal:
            yield key


def _kind(purpose: str) -> str:
    return purpose.partition(":")[0]


def _settle(found: Verdict, purpose: str, row: Outgoing | None, times: int) -> None:
    line = found.lines[_kind(purpose)]
    line.owed += 1
    reason = next((word for said, word in HONEST.items() if row and row.error.startswith(said)), "")
    if times:
        line.said += 1
    if row is not None and reason:
        line.settled[f"{reason}, {'said' if times else 'not said'}"] += 1
    elif not times:
        line.lost += 1
        state = f"{row.state.value} {row.error!r}" if row else "never owed"
        found.blame(f"{purpose} was not said: {state}")


def _told_too_much(
    found: Verdict, running: Deployment, rows: dict[str, Outgoing], events: dict[str, Any]
) -> None:
    """Once more without our keys: nobody was told more often than there was something to tell."""
    users = {each.get("replyToken"): each["source"]["userId"] for each in events.values()}
    told: Counter[str] = Counter()
    for asked in _accepted(running):
        said = asked["json"]
        told[said["to"] if "to" in said else users[said["replyToken"]]] += 1
    with_row = Counter(found.users[row.friend_id] for row in rows.values())
    for user, times in told.items():
        if times > with_row[user]:
            found.blame(f"{user} was told {times} things, and owed {with_row[user]}")


def _coupons(
    found: Verdict, running: Deployment, households: Sequence[Household], database: Database
) -> None:
    """Once more without our own keys: coupons in chats, against members who were ever linked."""
    users = [person.user for house in households for person in house.people]
    found.coupons_in_chats = sum(running.said_to(user).count(COUPON) for user in users)
    with database.read() as db:
        ever = db.scalar(select(func.count(Link.member_id.distinct()))) or 0
    found.members_ever_linked = ever
    if found.coupons_in_chats > ever:
        found.blame(f"{found.coupons_in_chats} coupons for {ever} members")


# Links


def _links(found: Verdict, database: Database, households: Sequence[Household]) -> None:
    with database.read() as db:
        rows = db.execute(
            select(Member.number, Friend.line_user_id, Link.ended_at, Link.how)
            .join(Link, Link.member_id == Member.id)
            .join(Friend, Friend.id == Link.friend_id)
            .order_by(Link.started_at)
        ).all()
    history, active = defaultdict(list), defaultdict(list)
    for number, user, ended, how in rows:
        history[number].append(user)
        found.ways[how.value] += 1
        if ended is None:
            active[number].append(user)
    for house in households:
        member = house.member
        found.links += len(history[member.number])
        found.unsure += member.unsure
        if member.unsure:
            continue  # nobody of this household could say, so nothing can be held against it
        expected = [member.holder.user] if member.holder else []
        if active[member.number] != expected or history[member.number] != member.linked:
            found.links_wrong += 1
            found.blame(
                f"member {member.number}: seen {member.linked}, linked now {expected};"
                f" the database says {history[member.number]}, {active[member.number]}"
            )


# Menus


def _menus(found: Verdict, running: Deployment, households: Sequence[Household]) -> None:
    names = Counter(each["name"] for each in running.line.state()["menus"].values())
    for name, times in names.items():
        if times > 1:
            found.blame(f"LINE has the menu {name} {times} times")
    newest = newest_names(running)
    for house in households:
        for person in house.people:
            if not person.friend or house.member.unsure:
                continue
            found.menus += 1
            wanted = newest[menu_for(house, person.user)]
            shown = running.line.person(person.user)["shown"]
            if shown is None or shown["name"] not in wanted:
                found.menus_wrong += 1
                found.blame(f"{person.user} sees {shown}, and should see one of {wanted}")


def menu_for(house: Household, user: str) -> str:
    """What richmenus/menus/rules.yaml gives, said once more by hand."""
    member = house.member
    if member.holder is None or member.holder.user != user:
        return "guest"
    return "gold" if member.rank in ("gold", "platinum") else "member"


def newest_names(running: Deployment) -> dict[str, set[str]]:
    """LINE's names of the menus as the folder has them now, by key."""
    settings = Settings.load(None, **{k.lower(): v for k, v in running.settings.items()})
    names = defaultdict(set)
    for page in definitions.read(settings).pages:
        names[page.key].add(page.name)
    return names
